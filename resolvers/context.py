"""The context of one operation or one subscription event: the viewer, the seats looked up so far, and its reads."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from strawberry.dataloader import DataLoader

from delivery.links import Links
from models.clock import clock
from models.commands.activity import Actor
from models.connection import Db, transaction_of
from models.reads.operation import Ahead, Reads
from models.rules.enums import ActorKind
from permissions.access import Path, require
from permissions.scope import accounts_of_rows, find_viewer, seat_in
from permissions.viewer import Seat, Viewer
from resolvers.concurrency import OperationLimiter
from resolvers.cursors import CursorBox
from resolvers.errors import EXPIRED, NO_MEMBER, unauthenticated
from resolvers.live import Live
from resolvers.report_links import ReportLinks
from wire.counts import Counts, OwnCounts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Identity:
    """The contents of a token: the user, the account it names, if any, when it expires, and until when a new one can be had for
    it, if at all."""

    issuer: str
    subject: str
    acting_account: UUID | None
    expires_at: datetime
    renewable_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """What all operations of a process share."""

    cursors: CursorBox
    live: Live
    buy_more_url: str | None = None
    row_security: bool = False
    """Whether the database shows only rows of opened accounts."""
    links: Links | None = None
    """For previews; only the gateway needs them."""
    reports: ReportLinks | None = None
    """For error reports; only the gateway needs them."""
    max_operation_seconds: float = 30.0
    """The time limit of a query or mutation, not counting the wait for a slot."""
    limiter: OperationLimiter = field(default_factory=OperationLimiter)
    counts: Counts = field(default_factory=OwnCounts)


@dataclass(slots=True)
class Context:
    """Forked for every operation on a websocket and for every event, so that decisions use current data.

    `is_connection`: it belongs to a websocket, and each operation forks it; over HTTP it belongs to one operation.
    `is_mutation`: the operation is a mutation, which continues if its client disconnects. `is_subscription`: it is a
    subscription, which ends with its token and the process. `event_id`: the id of the subscription's current event.
    `last_event_id`: the id of the last event that the client of a subscription has. `foresee`: what the operation is likely to
    read first, so that looking up the viewer reads it too. `loads_alone`: it loads rows for one object at a time.
    """

    shared: Shared
    identity: Identity | None = None
    connection_params: dict[str, Any] | None = None
    is_connection: bool = False
    is_mutation: bool = False
    is_subscription: bool = False
    event_id: str | None = None
    last_event_id: str | None = None
    reads: Reads = field(init=False)
    foresee: Callable[[Viewer], Sequence[Sequence[Ahead]]] | None = None
    seats: dict[UUID, Seat] = field(default_factory=dict)
    denied: set[Path] = field(default_factory=set)
    loads_alone: bool = False
    _has_slot: bool = False
    _ends_at: float | None = None
    _viewer: Viewer | None = None
    _viewer_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _loaders: dict[Hashable, DataLoader[UUID, Any]] = field(default_factory=dict)
    _waiting: Counter["asyncio.Future[Any]"] = field(default_factory=Counter)
    """How many fields wait for each row that is being loaded."""

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

    async def take_slot(self) -> bool:
        """Takes one of the member's slots, if the operation has none yet; returns whether it did, and then must give it back.
        Raises RATE_LIMITED."""
        if self.identity is None or self._has_slot:
            return False
        await self.shared.limiter.take((self.identity.issuer, self.identity.subject))
        self._has_slot = True
        return True

    def give_slot_back(self) -> None:
        """Gives back the slot, if the operation has one."""
        if self.identity is not None and self._has_slot:
            self._has_slot = False
            self.shared.limiter.give_back((self.identity.issuer, self.identity.subject))

    def seconds_left(self) -> float:
        """How much of the operation's time is left, which begins when this is first asked."""
        now = asyncio.get_running_loop().time()
        if self._ends_at is None:
            self._ends_at = now + self.shared.max_operation_seconds
        return self._ends_at - now

    async def viewer(self) -> Viewer:
        """Looked up once per operation. Raises UNAUTHENTICATED without a token, if it has expired, or if no member matches."""
        if self._viewer is not None:
            return self._viewer
        async with self._viewer_lock:
            if self._viewer is None:
                self._viewer = await self._look_up()
        return self._viewer

    async def _look_up(self) -> Viewer:
        who = self.identity
        if who is None:
            raise unauthenticated()
        if who.expires_at <= self.now:
            raise unauthenticated(EXPIRED)
        found = await find_viewer(self.reads, who.issuer, who.subject, who.acting_account, self.foresee)
        if found is None:
            raise unauthenticated(NO_MEMBER)
        return found

    async def seat(self, account_id: UUID) -> Seat | None:
        """The viewer's seat in an account, which the context remembers; None if they have no access."""
        if account_id not in self.seats:
            found = await seat_in(self.reads, await self.viewer(), account_id)
            if found is None:
                return None
            self.remember(found)
        return self.seats[account_id]

    async def open(self, table: str, keys: Sequence[UUID]) -> None:
        """Opens the accounts of these rows before they are read by key; with row-level security they are not visible
        otherwise."""
        if self.reads.row_security:
            for account_id in await accounts_of_rows(self.reads, table, keys):
                await self.seat(account_id)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Db]:
        """A command's transaction, which sees the rows of the opened accounts and of their agencies, whose daily sums they
        update."""
        agencies = [seat.account.agency_id for seat in self.seats.values()]
        async with transaction_of(*self.reads.accounts, *agencies) as tx:
            yield tx

    def remember(self, seat: Seat) -> Seat:
        """Makes the seat available to the fields below the account."""
        self.seats[seat.account.id] = seat
        self.reads.accounts.add(seat.account.id)
        return seat

    def require(self, coordinate: str, account_id: UUID) -> Seat:
        """Returns the seat, for root fields, which check the policy in their resolver. Raises FORBIDDEN."""
        seat = self.seats[account_id]
        require(coordinate, seat)
        return seat

    async def actor(self) -> Actor:
        return Actor(ActorKind.MEMBER, (await self.viewer()).name)

    def load(
        self, signature: Hashable, read: Callable[[Sequence[UUID]], Awaitable[dict[UUID, T]]], key: UUID
    ) -> Awaitable[T]:
        """Loads the row of a key; keys requested in the same turn with the same signature share one read."""
        if self.loads_alone:
            return _load_one(read, key)
        if signature not in self._loaders:

            async def batch(keys: list[UUID]) -> list[T]:
                found = await read(keys)
                return [found[one] for one in keys]

            self._loaders[signature] = DataLoader(load_fn=batch)
        row = cast("asyncio.Future[T]", self._loaders[signature].load(key))
        self._waiting[row] += 1
        return self._share(row)

    async def _share(self, row: "asyncio.Future[T]") -> T:
        """Waits for a row that others may wait for too: a field that is given up does not end it, unless it was the last."""
        try:
            return await asyncio.shield(row)
        finally:
            self._waiting[row] -= 1
            if not self._waiting[row]:
                del self._waiting[row]
                row.cancel()


async def _load_one(read: Callable[[Sequence[UUID]], Awaitable[dict[UUID, T]]], key: UUID) -> T:
    return (await read([key]))[key]
