"""Where statements go: the pools by name, a transaction on one of them, and the statements kept in files."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

COMMANDS = "default"
"""The gateway's commands."""
LISTS = "lists"
"""Fixed statements that read lists; planned once."""
SEARCH = "search"
"""Statements put together for a request; planned each time, and short."""
WORK = "work"
"""What acts for no viewer: workers, the invited person's pages, the shell."""

ACCOUNTS = "plaudit.accounts"
"""The setting of a transaction that names the accounts whose rows exist in it, where row-level security is on."""

Db = BaseDBAsyncClient


def transaction(pool: str = COMMANDS) -> AbstractAsyncContextManager[Any]:
    """A transaction. Start no task in it that outlives it."""
    return in_transaction(pool)


def savepoint(tx: Db) -> AbstractAsyncContextManager[Any]:
    """Inside a transaction: what fails in it undoes only itself."""
    return in_transaction(tx.connection_name)


@asynccontextmanager
async def transaction_of(*accounts: UUID | None) -> AsyncIterator[Db]:
    """A command's transaction, in which rows of these accounts exist, wherever row-level security is on."""
    async with transaction() as tx:
        names = ",".join(account.hex for account in accounts if account)
        await execute(tx, "select set_config($1, $2, true)", ACCOUNTS, names)
        yield tx


def pool(name: str) -> Db:
    return get_connection(name)


async def fetch(db: Db, sql: str, *args: object) -> list[asyncpg.Record]:
    """All rows. `RETURNING` comes back too, which the ORM's own `execute_query` loses."""
    async with db.acquire_connection() as connection:
        rows: list[asyncpg.Record] = await connection.fetch(sql, *args)
        return rows


async def fetch_one(db: Db, sql: str, *args: object) -> asyncpg.Record | None:
    rows = await fetch(db, sql, *args)
    return rows[0] if rows else None


async def execute(db: Db, sql: str, *args: object) -> None:
    await fetch(db, sql, *args)


@cache
def statement(question: str) -> str:
    """The statement of `models/sql/<question>.sql`."""
    return files("models").joinpath("sql", f"{question}.sql").read_text("utf-8")
