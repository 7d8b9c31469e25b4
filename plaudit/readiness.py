"""Whether the database can be worked on: reachable, migrated, and meant for this environment."""

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
"""The setting of a database that says it is a demo's."""
LOOK_SECONDS = 5.0
Ask = Callable[[str], Awaitable[Sequence[asyncpg.Record]]]

_STATE = f"""
-- Is this a demo's database, and was it migrated at all?
select coalesce(current_setting('{DEMO_MARK}', true), '') = 'on' as demo,
  to_regclass('tortoise_migrations') is not null and to_regclass('jobs.pgqueuer') is not null as migrated
"""
_APPLIED = "-- Which migrations were applied?\nselect name from tortoise_migrations where app = 'models' order by name"


class UnreadyError(RuntimeError):
    """The database cannot be worked on; the message says why, and what to do."""


class WrongDatabaseError(UnreadyError):
    """It is not meant for this environment, so that nothing may be done with it, now or later."""


@dataclass(frozen=True, slots=True)
class State:
    """What a database says of itself."""

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
    """Raises what the database raises."""
    (row,) = await ask(_STATE)
    applied = await ask(_APPLIED) if row["migrated"] else ()
    return State(row["demo"], row["migrated"], frozenset(found["name"] for found in applied))


async def ask_pool(sql: str) -> Sequence[asyncpg.Record]:
    return await fetch(pool(WORK), sql)


def refuse_wrong(state: State, at: DatabaseAddress, env: Environment) -> None:
    """The demo's settings in a shell must not lead other commands to its database, nor its environment to another one."""
    if state.demo and env is not Environment.DEMO:
        raise WrongDatabaseError(
            f"The database {at} belongs to a demo, and this is {env}. Set PLAUDIT_DATABASE_URL to your own database, "
            "or open a new shell, where the demo's tokens.env was not read."
        )
    if env is Environment.DEMO and not state.demo:
        raise WrongDatabaseError(
            f"PLAUDIT_ENV=demo is for the database that plaudit demo makes, which {at} is not. Unset PLAUDIT_ENV, "
            "or open a new shell, where the demo's tokens.env was not read."
        )


def trouble(state: State, at: DatabaseAddress) -> str | None:
    """What keeps it from being worked on."""
    return diagnosis.not_migrated(at) if not state.migrated or state.missing else None


@contextmanager
def explained(url: str, setting: str = "PLAUDIT_DATABASE_URL") -> Iterator[None]:
    """What the database raises comes out as UnreadyError, where there is a sentence for it."""
    try:
        yield
    except (UnreadyError, MigrationRefusedError):
        raise
    except Exception as error:
        words = diagnosis.of_database(error, database_address(url), setting)
        if words is None:
            raise
        raise UnreadyError(words) from error


async def look(settings: Settings, pools: Sequence[str]) -> tuple[State | None, str | None]:
    """What the database says of itself through these pools, and what keeps it from being worked on. Raises
    WrongDatabaseError."""
    at = database_address(settings.database_url)
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            state = await read_state(ask_pool)
            refuse_wrong(state, at, settings.env)
            if words := trouble(state, at):
                return state, words
            for name in pools:
                await fetch(pool(name), "select 1 from account limit 1")
            if settings.pooler:
                with explained(settings.direct_url, "PLAUDIT_DIRECT_DATABASE_URL"):
                    await (await asyncpg.connect(settings.direct_url, timeout=LOOK_SECONDS)).close()
    except WrongDatabaseError:
        raise
    except UnreadyError as unready:
        return None, str(unready)
    except Exception as error:  # noqa: BLE001 - whatever it is, the database cannot be worked on
        return None, diagnosis.of_database(error, at) or f"The database {at} answers {type(error).__name__}."
    return state, None


@asynccontextmanager
async def acting(settings: Settings) -> AsyncIterator[None]:
    """The database, opened for a command that acts on it once. Raises UnreadyError."""
    at = database_address(settings.database_url)
    log.info("acting on the database %s (%s)", at, settings.env)
    async with database.opened(settings.database_url, pooler=settings.pooler):
        with explained(settings.database_url):
            state = await read_state(ask_pool)
            refuse_wrong(state, at, settings.env)
            _refuse_newer(state, at)
            if words := trouble(state, at):
                raise UnreadyError(words)
            yield


async def migrate(settings: Settings) -> None:
    """Raises UnreadyError."""
    setting = "PLAUDIT_DIRECT_DATABASE_URL" if settings.pooler else "PLAUDIT_DATABASE_URL"
    at = database_address(settings.direct_url)
    log.info("migrating the database %s (%s)", at, settings.env)
    with explained(settings.direct_url, setting):
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
