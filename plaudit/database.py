"""The database: a Tortoise client that survives lost connections, the pools with their roles, and migrations."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import NestedTransactionContext, PoolConnectionWrapper, TransactionContextPooled
from tortoise.connection import get_connections
from tortoise.context import TortoiseContext, get_current_context
from tortoise.migrations.api.migrate import migrate as run_migrations

from models.commands import jobs
from models.connection import COMMANDS, LISTS, SEARCH, SENDING, WORK, Connection
from models.faults import LOST
from plaudit.grants import GATEWAY_ROLE, ROW_SECURITY_ROLE, regrant
from plaudit.pool import QUICK_SECONDS, Pool, connecting
from plaudit.roles import MigrationRefusedError, make_roles

_LIMITS = {"idle_in_transaction_session_timeout": "30s", "lock_timeout": "5s", "jit": "off"}
"""Without JIT, which takes longer to compile a statement for many addresses than that takes to run."""
POOLS: dict[str, dict[str, str]] = {
    COMMANDS: _LIMITS | {"statement_timeout": "15s"},
    LISTS: _LIMITS | {"plan_cache_mode": "force_generic_plan", "statement_timeout": "5s"},
    SEARCH: _LIMITS | {"plan_cache_mode": "force_custom_plan", "statement_timeout": "1s"},
    SENDING: _LIMITS | {"plan_cache_mode": "force_generic_plan", "statement_timeout": "30s"},
    WORK: _LIMITS | {"statement_timeout": "30s"},
}
_MORE_SECONDS = 2
"""Added to the server's own time limits, to detect a server that hangs."""
_FOR_VIEWERS = (COMMANDS, LISTS, SEARCH)
MIGRATIONS = "models.migrations"
_MIGRATION_LOCK, _MIGRATION_WAIT_SECONDS = 7008312, 1800
log = logging.getLogger(__name__)


class _Acquired(PoolConnectionWrapper[Any]):
    """A connection for one statement, acquired within a time limit."""

    __slots__ = ()

    async def __aenter__(self) -> Any:
        await self.ensure_connection()
        self.connection = await self.client._pool.acquire()
        return self.connection

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        await self.client._pool.give_back(self.connection, exc_val)


class Transaction(TransactionContextPooled):
    """Acquires a live connection; becomes the task's transaction only after BEGIN succeeds."""

    __slots__ = ()

    async def __aenter__(self) -> Any:
        await self.ensure_connection()
        pool = self.client._parent._pool
        for attempts_left in range(pool.get_max_size(), -1, -1):
            connection = self.client._connection = await pool.acquire()
            try:
                async with asyncio.timeout(QUICK_SECONDS):
                    await self.client.begin()
            except BaseException as error:
                await pool.give_back(connection, lost=True)
                if isinstance(error, LOST) and attempts_left:
                    continue
                raise
            self.token = get_connections().set(self.connection_name, self.client)
            return self.client
        raise AssertionError("the last attempt returns or raises")

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        client, lost = self.client, True
        try:
            if not client._finalized:
                await self._end(rollback=error is not None)
            lost = False
        except Exception:
            if error is None:
                raise
        finally:
            get_connections().reset(self.token)
            await client._parent._pool.give_back(client._connection, lost=lost)

    async def _end(self, *, rollback: bool) -> None:
        """Limits the time of a rollback, which is fast unless the connection is lost; a commit may take longer."""
        async with asyncio.timeout(QUICK_SECONDS if rollback else None):
            await (self.client.rollback() if rollback else self.client.commit())


class _TransactionClient(TransactionWrapper):
    """The client inside a transaction."""

    async def _translate_exceptions(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        return await func(self, *args, **kwargs)

    def _in_transaction(self) -> NestedTransactionContext:
        return NestedTransactionContext(_TransactionClient(self))


class Client(AsyncpgDBClient):
    """Does not translate asyncpg's errors, so that one table lists the transient errors of all statements."""

    connection_class = Connection

    async def _translate_exceptions(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        return await func(self, *args, **kwargs)

    def _in_transaction(self) -> Transaction:
        return Transaction(_TransactionClient(self), self._pool_init_lock)

    async def create_pool(self, **given: Any) -> Any:
        """Passes the URL itself: only this way are options such as sslmode kept."""
        with connecting():
            return Pool(await asyncpg.create_pool(given.pop("dsn"), **given))

    def acquire_connection(self) -> _Acquired:
        return _Acquired(self, self._pool_init_lock)


client_class = Client  # the name that Tortoise expects in an engine module


def config(
    url: str, *, pooler: bool = False, row_security: bool = False, only: dict[str, str] | None = None, size: int = 10
) -> dict[str, Any]:
    """One engine with five pools. With a pooler, without settings and prepared statements. `only` replaces the settings."""
    at = urlsplit(url)
    credentials: dict[str, Any] = {
        "dsn": url,
        "host": at.hostname,
        "port": at.port or 5432,
        "user": unquote(at.username or ""),
        "password": unquote(at.password or ""),
        "database": unquote(at.path[1:]),
        "minsize": 1,
        "maxsize": size,
        "timeout": QUICK_SECONDS,
    }
    if pooler:
        credentials["statement_cache_size"] = 0
    settings = {
        name: only or ({} if pooler else own | _role(name, row_security=row_security)) for name, own in POOLS.items()
    }
    pools = {
        name: {
            "engine": __name__,
            "credentials": credentials
            | {"command_timeout": None if only else _answer_seconds(name)}
            | ({"server_settings": own} if own else {}),
        }
        for name, own in settings.items()
    }
    models = {"models": ["models"], "migrations": MIGRATIONS, "default_connection": WORK}
    return {"connections": pools, "apps": {"models": models}}


def _answer_seconds(name: str) -> int:
    return int(POOLS[name]["statement_timeout"].rstrip("s")) + _MORE_SECONDS


def _role(name: str, *, row_security: bool) -> dict[str, str]:
    """Pools that serve viewers assume a role; others act as the URL's user."""
    return {"role": ROW_SECURITY_ROLE if row_security else GATEWAY_ROLE} if name in _FOR_VIEWERS else {}


SHAPE = config("postgresql://nobody@127.0.0.1/none")
"""For `make migration`, which does not connect."""


@asynccontextmanager
async def opened(url: str, *, pooler: bool = False, row_security: bool = False) -> AsyncIterator[None]:
    """Opens the pools for the whole process, since requests run in other tasks than the lifespan. Does nothing if they are
    open."""
    if get_current_context():
        yield
        return
    async with TortoiseContext() as context:
        await context.init(config=config(url, pooler=pooler, row_security=row_security), _enable_global_fallback=True)
        yield


async def migrate(direct_url: str) -> None:
    """Creates or updates roles, tables, the job engine and grants, in one process at a time."""
    guard = await asyncpg.connect(direct_url, timeout=10)
    try:
        await _lock_migrations(guard)
        await make_roles(guard)
        await _migrate_models(direct_url)
        await jobs.install(guard)
        await regrant(guard)
    finally:
        await guard.close()


async def _lock_migrations(guard: asyncpg.Connection) -> None:
    """Raises MigrationRefusedError if another process migrates for too long. Polls, since CREATE INDEX CONCURRENTLY would wait
    for a process that waits for the lock."""
    for attempt in range(_MIGRATION_WAIT_SECONDS):
        if await guard.fetchval("select pg_try_advisory_lock($1)", _MIGRATION_LOCK):
            return
        if attempt == 0:
            log.info("another process is migrating this database; waiting for it")
        await asyncio.sleep(1)
    raise MigrationRefusedError(
        "Another process has been migrating this database for half an hour; end it, then try again."
    )


async def _migrate_models(direct_url: str) -> None:
    """Uses a context of its own, since Tortoise would close one that is already open."""
    async with TortoiseContext():
        await run_migrations(config=config(direct_url, only={"lock_timeout": "5s"}, size=2))
