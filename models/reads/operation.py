"""The one place that an operation's reads go through."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from models import connection
from models.connection import ACCOUNTS, LISTS, WORK


@dataclass(slots=True)
class _Held:
    """A transaction of a pool, and the accounts that it names."""

    pool: str
    ends: Any
    connection: Any
    named: frozenset[UUID] = frozenset()


@dataclass(slots=True)
class Reads:
    """Reads of one operation. `accounts` are those that were opened in it; `statements` counts what was asked.

    `walled`: the database shows rows of these accounts alone (row-level security). Then statements go in a transaction
    that names the accounts: one for the whole operation inside `together`, else one each.
    """

    walled: bool = False
    accounts: set[UUID] = field(default_factory=set)
    statements: int = 0
    _whole: bool = False
    _held: _Held | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def rows(self, sql: str, *args: object, pool: str = LISTS) -> list[asyncpg.Record]:
        self.statements += 1
        if not self.walled:
            return await connection.fetch(connection.pool(pool), sql, *args)
        async with self._turn:
            return await self._within(pool, sql, *args)

    async def row(self, sql: str, *args: object, pool: str = LISTS) -> asyncpg.Record | None:
        found = await self.rows(sql, *args, pool=pool)
        return found[0] if found else None

    async def identity(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """Who asks, and whose something is: asked before an account is open, so outside the wall."""
        self.statements += 1
        return await connection.fetch(connection.pool(WORK if self.walled else LISTS), sql, *args)

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """One transaction for all that is read inside, as far as it goes to one pool."""
        self._whole = True
        try:
            yield
        finally:
            self._whole = False
            await self._end("commit")

    async def _within(self, pool: str, sql: str, *args: object) -> list[asyncpg.Record]:
        try:
            held = await self._begin(pool)
            rows: list[asyncpg.Record] = await held.connection.fetch(sql, *args)
        except BaseException:
            await self._end("rollback")
            raise
        if not self._whole:
            await self._end("commit")
        return rows

    async def _begin(self, pool: str) -> _Held:
        """On this pool, with all accounts named that were opened so far. One connection at a time: who holds one and
        waits for another may wait for somebody who does the same."""
        if self._held is not None and self._held.pool != pool:
            await self._end("commit")
        begin = ""
        if self._held is None:
            ends = connection.pool(pool).acquire_connection()
            self._held = _Held(pool, ends, await ends.__aenter__())
            begin = "begin read only;"
        if begin or self._held.named != self.accounts:
            self._held.named = frozenset(self.accounts)
            names = ",".join(sorted(key.hex for key in self.accounts))
            await self._held.connection.execute(f"{begin} set local {ACCOUNTS} = '{names}'")
        return self._held

    async def _end(self, how: str) -> None:
        held, self._held = self._held, None
        if held is None:
            return
        try:
            await held.connection.execute(how)
        finally:
            await held.ends.__aexit__(None, None, None)
