"""Runs all reads of an operation, limited to the opened accounts if row-level security is on."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from models import connection
from models.connection import ACCOUNTS, LISTS, WORK
from models.faults import LOST

_END_SECONDS = 3.0
"""The time limit for ending a read-only transaction, to avoid a second long wait for a hanging server."""


@dataclass(slots=True)
class _Held:
    """A connection of a pool, and with row-level security the accounts that its transaction is limited to."""

    pool: str
    taken: Any
    """What acquired it, and returns it to the pool."""
    connection: Any
    accounts: frozenset[UUID] | None = None


class Ahead(NamedTuple):
    """A statement that is likely to come next, and returns at most one row."""

    sql: str
    args: tuple[object, ...]


@lru_cache(maxsize=200)
def _joined(sql: str, parameters: int, ahead: str) -> str:
    """A statement with the columns of another one beside each of its rows: those of the only row, or nulls."""
    moved = re.sub(r"\$(\d+)", lambda one: f"${int(one[1]) + parameters}", ahead)
    return f"select * from ({sql}) rows left join (select *, true as is_read from ({moved}) one) ahead on true"


@dataclass(slots=True)
class Reads:
    """The reads of one operation. `accounts` are those opened so far; `statements` counts the statements.

    They use one connection at a time: an operation does not take all of a pool, and none waits for a second connection while it
    holds the first, which could deadlock. With `row_security`, the database shows only rows of these accounts. Statements then run
    in a transaction limited to them: a shared one inside `together`, otherwise one each.
    """

    row_security: bool = False
    accounts: set[UUID] = field(default_factory=set)
    statements: int = 0
    _ahead: tuple[Ahead, list[asyncpg.Record]] | None = None
    _keeps: bool = False
    _held: _Held | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def rows(self, sql: str, *args: object, pool: str = LISTS) -> list[asyncpg.Record]:
        if (known := self.read_ahead(Ahead(sql, args))) is not None:
            return known
        self.statements += 1
        async with self._lock:
            return await self._fetch(pool, sql, *args)

    async def row(self, sql: str, *args: object, pool: str = LISTS) -> asyncpg.Record | None:
        found = await self.rows(sql, *args, pool=pool)
        return found[0] if found else None

    def read_ahead(self, statement: Ahead) -> list[asyncpg.Record] | None:
        """The row of a statement, if exactly this one has been read ahead; its record has further columns."""
        return self._ahead[1] if self._ahead is not None and self._ahead[0] == statement else None

    async def identity(self, sql: str, *args: object, ahead: Ahead | None = None) -> list[asyncpg.Record]:
        """Looks up users, memberships and the accounts of rows. This happens before an account is open, so row-level
        security does not apply. `ahead`: what is read in the same statement, if row-level security is off and there are rows;
        its columns follow those of the rows, and must have other names."""
        if self.row_security:
            self.statements += 1
            async with self._lock:
                await self._release()
                return await connection.fetch(connection.pool(WORK), sql, *args)
        if ahead is None:
            return await self.rows(sql, *args)
        rows = await self.rows(_joined(sql, len(args), ahead.sql), *args, *ahead.args)
        if rows:
            self._ahead = ahead, rows[:1] if rows[0]["is_read"] else []
        return rows

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Runs consecutive reads of the same pool on one connection. Before the operation waits for anything else, it must give it
        back."""
        outer, self._keeps = self._keeps, True
        try:
            yield
        finally:
            self._keeps = outer
            if not outer:
                await self.give_back()

    async def give_back(self) -> None:
        """Returns the connection to its pool. A read that is still running, in the task of a loader that outlives the operation for
        a moment, returns it when it ends."""
        if not self._lock.locked():
            await self._release()

    @asynccontextmanager
    async def in_one_transaction(self) -> AsyncIterator[None]:
        """With row-level security, runs consecutive reads of the same pool in one transaction."""
        async with self.together() if self.row_security else nullcontext():
            yield

    async def _fetch(self, pool: str, sql: str, *args: object) -> list[asyncpg.Record]:
        try:
            held = await self._hold(pool)
            if self.row_security:
                await self._limit(held)
            rows: list[asyncpg.Record] = await held.connection.fetch(sql, *args)
        except BaseException as error:
            await self._release(error)
            raise
        if not self._keeps:
            await self._release()
        return rows

    async def _hold(self, pool: str) -> _Held:
        if self._held is not None and self._held.pool != pool:
            await self._release()
        if self._held is None:
            taken = connection.pool(pool).acquire_connection()
            self._held = _Held(pool, taken, await taken.__aenter__())
        return self._held

    async def _limit(self, held: _Held) -> None:
        """Limits the transaction to the accounts opened so far."""
        if held.accounts is None or held.accounts != self.accounts:
            begin = "begin read only;" if held.accounts is None else ""
            held.accounts = frozenset(self.accounts)
            names = ",".join(sorted(key.hex for key in self.accounts))
            await held.connection.execute(f"{begin} set local {ACCOUNTS} = '{names}'")

    async def _release(self, error: BaseException | None = None) -> None:
        """Ends the transaction, if any, and returns the connection; `error` is what the last statement raised."""
        held, self._held = self._held, None
        if held is None:
            return
        if held.accounts is None:
            await held.taken.__aexit__(error and type(error), error, None)
            return
        with suppress(*LOST, asyncpg.PostgresError, TimeoutError):  # what was read is complete without it
            async with AsyncExitStack() as returned:
                returned.push_async_exit(held.taken.__aexit__)
                await held.connection.execute("rollback" if error else "commit", timeout=_END_SECONDS)
