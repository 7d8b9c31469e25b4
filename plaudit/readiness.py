"""Checks whether the database is usable: reachable, migrated, and meant for this environment."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

import asyncpg

from models.connection import WORK, fetch, pool
from plaudit import database, diagnosis
from plaudit.addresses import DatabaseAddress, database_address
from plaudit.roles import MigrationRefusedError
from plaudit.settings import Environment, Settings

log = logging.getLogger(__name__)
DEMO_MARK = "plaudit.demo"
"""The database setting that marks a demo's database."""
CHECK_SECONDS = 5.0
Ask = Callable[[str], Awaitable[Sequence[asyncpg.Record]]]

_STATE = f"""
-- Is this a demo's database, and has it been migrated?
select coalesce(current_setting('{DEMO_MARK}', true), '') = 'on' as demo,
  to_regclass('tortoise_migrations') is not null and to_regclass('jobs.pgqueuer') is not null as migrated
"""
_APPLIED = "-- Which migrations were applied?\nselect name from tortoise_migrations where app = 'models' order by name"


class UnreadyError(RuntimeError):
    """The database is not usable; the message says why and what to do."""


class WrongDatabaseError(UnreadyError):
    """The database is meant for another environment and must not be used."""


@dataclass(frozen=True, slots=True)
class State:
    """Whether a database is a demo's, and its migrations."""

    demo: bool
    migrated: bool
    applied: frozenset[str]

    @property
    def missing(self) -> frozenset[str]:
        return known_migrations() - self.applied

    @property
    def newer(self) -> frozenset[str]:
        return self.applied - known_migrations()


def known_migrations() -> frozenset[str]:
    return frozenset(module.name for module in iter_modules(import_module(database.MIGRATIONS).__path__))


async def read_state(ask: Ask) -> State:
    """Raises the errors of the database."""
    (row,) = await ask(_STATE)
    applied = await ask(_APPLIED) if row["migrated"] else ()
    return State(row["demo"], row["migrated"], frozenset(found["name"] for found in applied))


async def ask_pool(sql: str) -> Sequence[asyncpg.Record]:
    return await fetch(pool(WORK), sql)


def refuse_wrong(state: State, at: DatabaseAddress, env: Environment) -> None:
    """Keeps other commands from a demo's database, and PLAUDIT_ENV=demo from other databases."""
    if state.demo and env is not Environment.DEMO:
        raise WrongDatabaseError(
            f"The database {at} belongs to a demo, but PLAUDIT_ENV is {env}. Set PLAUDIT_DATABASE_URL to your own database, "
            "or open a new shell without the settings of the demo's tokens.env."
        )
    if env is Environment.DEMO and not state.demo:
        raise WrongDatabaseError(
            f"PLAUDIT_ENV=demo is only for a demo's database, which {at} is not. Unset PLAUDIT_ENV, "
            "or open a new shell without the settings of the demo's tokens.env."
        )


def problem(state: State, at: DatabaseAddress) -> str | None:
    """Why the database is not usable, or None."""
    return diagnosis.not_migrated(at) if not state.migrated or state.missing else None


@contextmanager
def explaining(url: str, setting: str = "PLAUDIT_DATABASE_URL") -> Iterator[None]:
    """Turns the database's errors into UnreadyError if they are about its state."""
    try:
        yield
    except (UnreadyError, MigrationRefusedError):
        raise
    except Exception as error:
        message = diagnosis.of_database(error, database_address(url), setting)
        if message is None:
            raise
        raise UnreadyError(message) from error


async def check(settings: Settings, pools: Sequence[str]) -> tuple[State | None, str | None]:
    """Checks the database through these pools; returns its state, and why it is not usable. Raises WrongDatabaseError."""
    at = database_address(settings.database_url)
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            state = await read_state(ask_pool)
            refuse_wrong(state, at, settings.env)
            if message := problem(state, at):
                return state, message
            for name in pools:
                await fetch(pool(name), "select 1 from account limit 1")
            if settings.pooler:
                with explaining(settings.direct_url, "PLAUDIT_DIRECT_DATABASE_URL"):
                    await (await asyncpg.connect(settings.direct_url, timeout=CHECK_SECONDS)).close()
    except WrongDatabaseError:
        raise
    except UnreadyError as unready:
        return None, str(unready)
    except Exception as error:  # noqa: BLE001 - after any error, the database is not usable
        return None, diagnosis.of_database(error, at) or f"The database {at} responds with {type(error).__name__}."
    return state, None


@asynccontextmanager
async def ready_database(settings: Settings) -> AsyncIterator[None]:
    """Opens the database for a command, once it is usable. Raises UnreadyError."""
    at = database_address(settings.database_url)
    log.info("using the database %s (%s)", at, settings.env)
    async with database.opened(settings.database_url, pooler=settings.pooler):
        with explaining(settings.database_url):
            state = await read_state(ask_pool)
            refuse_wrong(state, at, settings.env)
            _refuse_newer(state, at)
            if message := problem(state, at):
                raise UnreadyError(message)
            yield


async def migrate(settings: Settings) -> None:
    """Raises UnreadyError."""
    setting = "PLAUDIT_DIRECT_DATABASE_URL" if settings.pooler else "PLAUDIT_DATABASE_URL"
    at = database_address(settings.direct_url)
    log.info("migrating the database %s (%s)", at, settings.env)
    with explaining(settings.direct_url, setting):
        connection = await asyncpg.connect(settings.direct_url, timeout=10)
        try:
            state = await read_state(connection.fetch)
        finally:
            await connection.close()
        refuse_wrong(state, at, settings.env)
        _refuse_newer(state, at)
        await database.migrate(settings.direct_url)


def _refuse_newer(state: State, at: DatabaseAddress) -> None:
    if state.newer:
        raise UnreadyError(diagnosis.newer(at, max(state.newer)))
