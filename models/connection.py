"""Access to the database: the pools by name, transactions, and the statements stored in files."""

import asyncio
import logging
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from models.faults import is_transient, log_fault

T = TypeVar("T")
log = logging.getLogger(__name__)
MIN_PAUSE, MAX_PAUSE = 0.1, 1.0
MAX_RETRY_SECONDS = 600.0

COMMANDS = "default"
"""The gateway's commands."""
LISTS = "lists"
"""Fixed list queries, planned once."""
SEARCH = "search"
"""Statements built for a request, planned each time, with a short time limit."""
SENDING = "sending"
"""The delivery worker's short transactions, which are always the same and planned once."""
WORK = "work"
"""Everything that acts for no viewer: workers, the invited person's pages, the command line."""

ACCOUNTS = "plaudit.accounts"
"""The transaction setting that lists the accounts whose rows are visible with row-level security."""

Db = BaseDBAsyncClient


class Connection(asyncpg.Connection):  # type: ignore[misc] # asyncpg has no types
    """A connection that ends soon after the server becomes unreachable, and that is released without the usual reset,
    since nothing changes session settings."""

    __slots__ = ()

    def __init__(self, protocol: Any, transport: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(protocol, transport, *args, **kwargs)
        set_keepalive(transport.get_extra_info("socket"))

    def get_reset_query(self) -> str:
        return ""


def set_keepalive(sock: Any) -> None:
    """Ends a TCP connection whose peer does not acknowledge data within 5 seconds or does not answer keepalive probes."""
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        with suppress(AttributeError, OSError):  # macOS lacks some
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


_KEEPALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 5000}


def transaction(pool: str = COMMANDS) -> AbstractAsyncContextManager[Any]:
    """A transaction. Do not start a task in it that outlives it."""
    return in_transaction(pool)


def savepoint(tx: Db) -> AbstractAsyncContextManager[Any]:
    """A savepoint in a transaction: an error rolls back only what was done inside it."""
    return in_transaction(tx.connection_name)


@asynccontextmanager
async def transaction_of(*accounts: UUID | None) -> AsyncIterator[Db]:
    """A command's transaction, in which rows of these accounts are visible with row-level security."""
    async with transaction() as tx:
        names = ",".join(account.hex for account in accounts if account)
        await execute(tx, "select set_config($1, $2, true)", ACCOUNTS, names)
        yield tx


def pool(name: str) -> Db:
    return get_connection(name)


async def fetch(db: Db, sql: str, *args: object) -> list[asyncpg.Record]:
    """All rows, including those of `RETURNING`, which the ORM's `execute_query` drops."""
    async with db.acquire_connection() as connection:
        rows: list[asyncpg.Record] = await connection.fetch(sql, *args)
        return rows


async def fetch_one(db: Db, sql: str, *args: object) -> asyncpg.Record | None:
    rows = await fetch(db, sql, *args)
    return rows[0] if rows else None


async def execute(db: Db, sql: str, *args: object) -> None:
    await fetch(db, sql, *args)


FEW = 50
"""Up to this many rows, INSERT is used rather than COPY, which PostgreSQL refuses under row-level security."""


async def add_rows(db: Db, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Adds rows to a table."""
    if len(rows) > FEW:
        async with db.acquire_connection() as connection:
            await connection.copy_records_to_table(table, columns=columns, records=rows)
    elif rows:
        width = len(columns)
        places = (", ".join(f"${number * width + at}" for at in range(1, width + 1)) for number in range(len(rows)))
        text = f"insert into {table} ({', '.join(columns)}) values {', '.join(f'({one})' for one in places)}"
        await execute(db, text, *(value for row in rows for value in row))


def retry_pause(attempt: int) -> float:
    """Seconds before the next attempt to reach the database: increasing, at most one second, with jitter."""
    longest: float = min(MIN_PAUSE * 2 ** min(attempt, 10), MAX_PAUSE)
    return random.uniform(0.5, 1.0) * longest  # noqa: S311 - jitter


async def retry_while_transient(act: Callable[[], Awaitable[T]], meanwhile: str = "waiting for the database") -> T:
    """Repeats an idempotent action while the database raises transient errors; raises any other error at once."""
    ends = asyncio.get_running_loop().time() + MAX_RETRY_SECONDS
    attempt = 0
    while True:
        try:
            return await act()
        except Exception as error:
            if not is_transient(error) or asyncio.get_running_loop().time() > ends:
                raise
            log_fault(log, meanwhile, error)
        await asyncio.sleep(retry_pause(attempt))
        attempt += 1


@cache
def statement(question: str) -> str:
    """The statement of `models/sql/<question>.sql`."""
    return files("models").joinpath("sql", f"{question}.sql").read_text("utf-8")
