"""Runs all reads of an operation, limited to the opened accounts if row-level security is on."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from models import connection
from models.connection import ACCOUNTS, LISTS, WORK
from models.faults import LOST, is_lost

_AHEAD_SECONDS = 1.0
"""The time limit for a statement that reads others ahead; without them, each has its own."""
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
    """A statement that is likely to come soon. `below`: what is foreseen of its row, for the statements that depend on it.
    `by_position`: its columns are not read by name, so that a row can be a tuple; asyncpg reads tuples only of basic types and of
    arrays of texts. Other columns can follow its own."""

    sql: str
    args: tuple[object, ...]
    below: Any = None
    by_position: bool = False


@dataclass(slots=True)
class _Joined:
    """Statements as one. A row has nulls in all columns but its own statement's; each of those takes as long as a small value, so a
    statement whose columns are read by position has only one, of tuples. `is_ambiguous`: some of the others' columns have the same
    name, of which a record has only the last one's value; None until rows have told."""

    text: str
    by_position: list[bool]
    is_ambiguous: bool | None = None

    def learn(self, names: list[str]) -> None:
        self.is_ambiguous = len(set(names)) < len(names)

    def rows_of(self, number: int, found: list[asyncpg.Record]) -> list[Any]:
        """The rows of the statement of this number, as records or tuples."""
        own = _of(number)
        if self.by_position[number]:
            return [value for row in found if (value := row[own]) is not None]
        return [row for row in found if row[own]]


@lru_cache(maxsize=200)
def _joined(statements: tuple[tuple[str, int, bool], ...]) -> _Joined:
    """Joins statements, given by their texts, numbers of parameters, and whether they are read by position. PostgreSQL does so
    without sorting: the rows of each statement stay in their order."""
    parts, before = [], 0
    for number, (text, parameters, by_position) in enumerate(statements):
        moved = re.sub(r"\$(\d+)", lambda one, by=before: f"${int(one[1]) + by}", text)  # type: ignore[misc]
        own = _of(number)
        parts.append(f"(select {own if by_position else '*, true'} as {own} from ({moved}) {own}) of_{number}")
        before += parameters
    text = f"select * from {parts[0]}" + "".join(f" full join {part} on false" for part in parts[1:])
    return _Joined(text, [by_position for *_, by_position in statements])


def _of(number: int) -> str:
    """The column that has a value in rows of the statement of this number: true, or all of its columns as a tuple."""
    return f"row_of_{number}"


class _TooLongError(Exception):
    """A statement took longer than the seconds that were given for it."""


async def _fetch_within(seconds: float | None, connection: Any, sql: str, *args: object) -> list[asyncpg.Record]:
    """Without `seconds`, the connection's own limit applies. Raises _TooLongError."""
    try:
        rows: list[asyncpg.Record] = await connection.fetch(sql, *args, timeout=seconds)
    except TimeoutError as error:
        if seconds is None:
            raise
        raise _TooLongError from error
    return rows


@dataclass(slots=True)
class Reads:
    """The reads of one operation. `accounts` are those opened so far; `statements` counts the statements. `keeps`: its connection
    is not given back after each of them.

    They use one connection at a time: an operation does not take all of a pool, and none waits for a second connection while it
    holds the first, which could deadlock. With `row_security`, the database shows only rows of these accounts. Statements then run
    in a transaction limited to them: a shared one inside `together`, otherwise one each.
    """

    row_security: bool = False
    accounts: set[UUID] = field(default_factory=set)
    statements: int = 0
    keeps: bool = False
    _ahead: list[tuple[Ahead, list[asyncpg.Record]]] = field(default_factory=list)
    _rounds: list[Sequence[Ahead]] = field(default_factory=list)
    _cancelled: list[tuple[str, tuple[object, ...], asyncpg.QueryCanceledError]] = field(default_factory=list)
    """Statements that took too long."""
    _held: _Held | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def rows(self, sql: str, *args: object, pool: str = LISTS) -> list[asyncpg.Record]:
        if (known := self.read_ahead(sql, args)) is not None:
            return known
        if self._rounds and pool == LISTS:
            ahead = [one for one in self._rounds.pop(0) if (one.sql, one.args) != (sql, args)]
            return await self._rows_with(ahead, sql, *args)
        return await self._rows(pool, sql, *args)

    async def _rows(self, pool: str, sql: str, *args: object, seconds: float | None = None) -> list[asyncpg.Record]:
        """Raises the same error again for a statement that took too long, as when a query is executed without its plan."""
        for known, of, error in self._cancelled:
            if known == sql and of == args:
                raise error
        self.statements += 1
        try:
            async with self._lock:
                return await self._fetch(pool, sql, *args, seconds=seconds)
        except asyncpg.QueryCanceledError as error:
            self._cancelled.append((sql, args, error))
            raise

    async def _rows_with(
        self, ahead: Sequence[Ahead], sql: str, *args: object, by_position: bool = False
    ) -> list[asyncpg.Record]:
        """The rows of a statement that reads others too; it is sent alone if that fails, as it may because of these, or if their
        columns cannot be told apart. `by_position`: its own columns are not read by name."""
        if not ahead:
            return await self._rows(LISTS, sql, *args)
        together = [Ahead(sql, args, by_position=by_position), *ahead]
        joined = _joined(tuple([(one.sql, len(one.args), one.by_position) for one in together]))
        if joined.is_ambiguous:
            return await self._rows(LISTS, sql, *args)
        try:
            values = [value for one in together for value in one.args]
            found = await self._rows(LISTS, joined.text, *values, seconds=_AHEAD_SECONDS)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, _TooLongError) as error:
            if is_lost(error):
                raise
            return await self._rows(LISTS, sql, *args)
        if found and joined.is_ambiguous is None:
            joined.learn([*found[0].keys()])
        if joined.is_ambiguous:
            return await self._rows(LISTS, sql, *args)
        self._ahead += [(one, joined.rows_of(number, found)) for number, one in enumerate(ahead, 1)]
        return joined.rows_of(0, found)

    async def row(self, sql: str, *args: object, pool: str = LISTS) -> asyncpg.Record | None:
        found = await self.rows(sql, *args, pool=pool)
        return found[0] if found else None

    def read_ahead(self, sql: str, args: tuple[object, ...]) -> list[asyncpg.Record] | None:
        """The rows of a statement, if exactly this one has been read ahead; their records have further columns."""
        for known, rows in self._ahead:
            if known.sql == sql and known.args == args:
                return rows
        return None

    async def identity(self, sql: str, *args: object, rounds: Sequence[Sequence[Ahead]] = ()) -> list[asyncpg.Record]:
        """Looks up users, memberships and the accounts of rows. This happens before an account is open, so row-level
        security does not apply. If it is off, the first of these rounds is read in the same statement, and each further one with
        the next statement for a list; then the rows are tuples."""
        if self.row_security:
            self.statements += 1
            async with self._lock:
                await self._release()
                return await connection.fetch(connection.pool(WORK), sql, *args)
        self._rounds = [*rounds[1:]]
        return await self._rows_with(rounds[0] if rounds else (), sql, *args, by_position=True)

    def together(self) -> "_Together":
        """Runs consecutive reads of the same pool on one connection. Before the operation waits for anything else, it must give it
        back."""
        return _Together(self)

    async def give_back(self) -> None:
        """Returns the connection to its pool. A read that is still running, in the task of a loader that outlives the operation for
        a moment, returns it when it ends."""
        if not self._lock.locked():
            await self._release()

    def in_one_transaction(self) -> AbstractAsyncContextManager[None]:
        """With row-level security, runs consecutive reads of the same pool in one transaction."""
        return self.together() if self.row_security else nullcontext()

    async def _fetch(self, pool: str, sql: str, *args: object, seconds: float | None = None) -> list[asyncpg.Record]:
        try:
            held = await self._hold(pool)
            if self.row_security:
                await self._limit(held)
            rows = await _fetch_within(seconds, held.connection, sql, *args)
        except BaseException as error:
            await self._release(error)
            raise
        if not self.keeps:
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


class _Together:
    """What `Reads.together` returns; less than half the work of a generator, for every request."""

    __slots__ = ("outer", "reads")

    def __init__(self, reads: Reads) -> None:
        self.reads = reads

    async def __aenter__(self) -> None:
        self.outer, self.reads.keeps = self.reads.keeps, True

    async def __aexit__(self, *_: object) -> None:
        self.reads.keeps = self.outer
        if not self.outer:
            await self.reads.give_back()
