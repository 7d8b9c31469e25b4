"""Runs all reads of an operation, limited to the opened accounts if row-level security is on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from models import connection
from models.connection import ACCOUNTS, LISTS, SEARCH, WORK

_END_SECONDS = 3.0
"""The time limit for ending a read-only transaction, to avoid a second long wait for a hanging server."""


@dataclass(slots=True)
class _OpenTransaction:
    """A transaction on a connection of a pool, and the accounts that it is limited to."""

    pool: str
    acquired: AsyncExitStack
    connection: Any
    accounts: frozenset[UUID] = frozenset()


@dataclass(slots=True)
class Reads:
    """The reads of one operation. `accounts` are those opened so far; `statements` counts the statements.

    With `row_security`, the database shows only rows of these accounts. Statements then run in a transaction limited to
    them: a shared one inside `in_one_transaction`, otherwise one each.
    """

    row_security: bool = False
    accounts: set[UUID] = field(default_factory=set)
    statements: int = 0
    _keep_open: bool = False
    _open: _OpenTransaction | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _searching: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Searches of one operation run one after another, so that it does not take all connections of their pool."""

    async def rows(self, sql: str, *args: object, pool: str = LISTS) -> list[asyncpg.Record]:
        self.statements += 1
        if not self.row_security:
            async with self._searching if pool == SEARCH else nullcontext():
                return await connection.fetch(connection.pool(pool), sql, *args)
        async with self._lock:
            return await self._fetch_in_transaction(pool, sql, *args)

    async def row(self, sql: str, *args: object, pool: str = LISTS) -> asyncpg.Record | None:
        found = await self.rows(sql, *args, pool=pool)
        return found[0] if found else None

    async def identity(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """Looks up users, memberships and the accounts of rows. This happens before an account is open, so row-level
        security does not apply."""
        self.statements += 1
        return await connection.fetch(connection.pool(WORK if self.row_security else LISTS), sql, *args)

    @asynccontextmanager
    async def in_one_transaction(self) -> AsyncIterator[None]:
        """Runs consecutive reads on the same pool in one transaction."""
        self._keep_open = True
        try:
            yield
        finally:
            self._keep_open = False
            await self._end("commit")

    async def _fetch_in_transaction(self, pool: str, sql: str, *args: object) -> list[asyncpg.Record]:
        try:
            current = await self._begin(pool)
            rows: list[asyncpg.Record] = await current.connection.fetch(sql, *args)
        except BaseException:
            await self._end("rollback")
            raise
        if not self._keep_open:
            await self._end("commit")
        return rows

    async def _begin(self, pool: str) -> _OpenTransaction:
        """A transaction on this pool, limited to the accounts opened so far. Holds one connection at a time: waiting for
        a second one while holding the first could deadlock."""
        if self._open is not None and self._open.pool != pool:
            await self._end("commit")
        begin = ""
        if self._open is None:
            acquired = AsyncExitStack()
            taken = await acquired.enter_async_context(connection.pool(pool).acquire_connection())
            self._open = _OpenTransaction(pool, acquired, taken)
            begin = "begin read only;"
        if begin or self._open.accounts != self.accounts:
            self._open.accounts = frozenset(self.accounts)
            names = ",".join(sorted(key.hex for key in self.accounts))
            await self._open.connection.execute(f"{begin} set local {ACCOUNTS} = '{names}'")
        return self._open

    async def _end(self, command: str) -> None:
        current, self._open = self._open, None
        if current is None:
            return
        async with current.acquired:
            await current.connection.execute(command, timeout=_END_SECONDS)
