"""Access to the database: the pools by name, transactions, and the statements stored in files."""

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
"""Fixed list queries, planned once."""
SEARCH = "search"
"""Statements built for a request, planned each time, with a short time limit."""
WORK = "work"
"""Everything that acts for no viewer: workers, the invited person's pages, the command line."""

ACCOUNTS = "plaudit.accounts"
"""The transaction setting that lists the accounts whose rows are visible with row-level security."""

Db = BaseDBAsyncClient


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


@cache
def statement(question: str) -> str:
    """The statement of `models/sql/<question>.sql`."""
    return files("models").joinpath("sql", f"{question}.sql").read_text("utf-8")
