"""What one operation, or one event of a subscription, knows: the viewer, the seats looked up so far, its reads."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from strawberry.dataloader import DataLoader

from models.clock import clock
from models.commands.activity import Actor
from models.connection import Db, transaction_of
from models.reads.operation import Reads
from models.rules.enums import ActorKind
from permissions.access import Path, require
from permissions.scope import accounts_of_rows, find_viewer, seat_in
from permissions.viewer import Seat, Viewer
from resolvers.concurrency import OperationLimiter
from resolvers.cursors import CursorBox
from resolvers.errors import EXPIRED, NO_MEMBER, unauthenticated
from resolvers.live import Live

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a token says: who it is, the account it acts for (if it names one), and until when."""

    issuer: str
    subject: str
    acting_account: UUID | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Shared:
    """What all operations of a process share."""

    cursors: CursorBox
    live: Live
    is_passing: Callable[[BaseException], bool]
    """Whether what went wrong with the database may go right in a moment."""
    buy_more_url: str | None = None
    row_security: bool = False
    """Whether the database shows rows of opened accounts alone."""
    max_operation_seconds: float = 30.0
    """How long a query or mutation may take once its turn has come."""
    limiter: OperationLimiter = field(default_factory=OperationLimiter)


@dataclass(slots=True)
class Context:
    """Forked for every operation on a connection and for every event, so that nothing is decided on stale ground.

    `lasting`: a websocket's own, which operations fork; over HTTP the one operation has it to itself.
    """

    shared: Shared
    identity: Identity | None = None
    connection_params: dict[str, Any] | None = None
    lasting: bool = False
    reads: Reads = field(init=False)
    seats: dict[UUID, Seat] = field(default_factory=dict)
    denied: set[Path] = field(default_factory=set)
    _viewer: Viewer | None = None
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _loaders: dict[Hashable, DataLoader[UUID, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reads = Reads(self.shared.row_security)

    def fork(self) -> "Context":
        return Context(self.shared, self.identity)

    @property
    def cursors(self) -> CursorBox:
        return self.shared.cursors

    @property
    def now(self) -> datetime:
        return clock.now()

    async def viewer(self) -> Viewer:
        """Looked up once an operation; raises UNAUTHENTICATED where the token is no member's, or expired."""
        async with self._looking:
            if self._viewer is None:
                self._viewer = await self._look_up()
        return self._viewer

    async def _look_up(self) -> Viewer:
        who = self.identity
        if who is None:
            raise unauthenticated()
        if who.expires_at <= self.now:
            raise unauthenticated(EXPIRED)
        found = await find_viewer(self.reads, who.issuer, who.subject, who.acting_account)
        if found is None:
            raise unauthenticated(NO_MEMBER)
        return found

    async def seat(self, account_id: UUID) -> Seat | None:
        """The viewer's seat in an account, noted for the fields below it; None where it does not exist for them."""
        if account_id not in self.seats:
            found = await seat_in(self.reads, await self.viewer(), account_id)
            if found is None:
                return None
            self.note(found)
        return self.seats[account_id]

    async def open(self, table: str, keys: Sequence[UUID]) -> None:
        """Before rows are read by key alone: behind the wall those of accounts that nobody opened do not exist."""
        if self.reads.walled:
            for account_id in await accounts_of_rows(self.reads, table, keys):
                await self.seat(account_id)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Db]:
        """A command's, in which the rows of opened accounts exist, and of their agencies, whose days they count in."""
        agencies = [seat.account.agency_id for seat in self.seats.values()]
        async with transaction_of(*self.reads.accounts, *agencies) as tx:
            yield tx

    def note(self, seat: Seat) -> Seat:
        """For the fields below the account."""
        self.seats[seat.account.id] = seat
        self.reads.accounts.add(seat.account.id)
        return seat

    def require(self, coordinate: str, account_id: UUID) -> Seat:
        """The seat, for what has no parent and decides in its resolver; raises FORBIDDEN where the policy refuses."""
        seat = self.seats[account_id]
        require(coordinate, seat)
        return seat

    async def actor(self) -> Actor:
        return Actor(ActorKind.MEMBER, (await self.viewer()).name)

    def load(
        self, signature: Hashable, read: Callable[[Sequence[UUID]], Awaitable[dict[UUID, T]]], key: UUID
    ) -> Awaitable[T]:
        """One read for all keys that are asked for in the same turn under the same signature."""
        if signature not in self._loaders:

            async def batch(keys: list[UUID]) -> list[T]:
                found = await read(keys)
                return [found[one] for one in keys]

            self._loaders[signature] = DataLoader(load_fn=batch)
        return cast(Awaitable[T], self._loaders[signature].load(key))
