"""A customer's timeline, live; every event is read and decided anew."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from models.connection import retry_while_transient
from models.reads import timeline
from models.reads.customer_rows import CustomerRow
from models.reads.operation import Reads
from models.reads.timeline import EventRow, Next
from models.rules import ids
from resolvers.context import Context
from resolvers.errors import bad_input
from resolvers.scope import CUSTOMER, EVENT, find

POLL_SECONDS = 5.0
SETTLE_SECONDS = 0.1
"""Between reads while a transaction that began earlier may still add an earlier event."""
MAX_SETTLE_SECONDS = 10.0
"""Longer than a transaction of ours takes: whatever holds an event back for longer is not about to add one."""
WAITING = "a live timeline waits for the database"


@dataclass(slots=True)
class _Position:
    """Where a stream is: the last event, and those that are not its to send though they come after it. `reads` shows the
    customer's account."""

    reads: Reads
    customer: CustomerRow
    last: UUID | None
    skipped: list[UUID] = field(default_factory=list)
    held_since: float | None = None

    def is_held(self, found: Next | None) -> bool:
        """Whether to wait until it is certain that no event comes before this one; a series of events waits once."""
        if found is None or found.is_settled:
            self.held_since = None
            return False
        now = asyncio.get_running_loop().time()
        if self.held_since is None:
            self.held_since = now
        return now - self.held_since < MAX_SETTLE_SECONDS


async def follow(context: Context, id: str, after: str | None) -> AsyncGenerator[EventRow, None]:
    """Yields each new event, or each after the event of this id, in the order in which they were recorded. A slow reader
    keeps nothing waiting: the next event is read when this one is sent."""

    begin = context.last_event_id if after is None else after

    async def start() -> _Position:
        return await _start(context.fork(), id, begin)

    at = await retry_while_transient(start, WAITING)
    with context.shared.live.wake_event(at.customer.id.hex, at.customer.account_id.hex) as wake:
        while True:
            wake.clear()
            found = await _read_next(context, id, at)
            is_held = at.is_held(found)
            if found is None or is_held:
                await _wait(wake, SETTLE_SECONDS if is_held else POLL_SECONDS)
                continue
            at.last = found.event.id
            context.event_id = ids.public_id(ids.EVENT, found.event.id)
            yield found.event


async def _wait(wake: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(wake.wait(), seconds)


async def _start(context: Context, id: str, after: str | None) -> _Position:
    customer = await _customer(context, id)
    if after is None:
        return _Position(context.reads, customer, *await timeline.recorded_last(context.reads, customer.id))
    event = await find(context, EVENT, after)
    if event is None or event.customer_id != customer.id:
        raise bad_input("after does not match an event of this customer.")
    return _Position(context.reads, customer, event.id)


async def _read_next(context: Context, id: str, at: _Position) -> Next | None:
    """Reads the next event, and then checks permissions again, so that no decision is older than what it is about; waits
    while the database is unavailable."""

    async def read() -> Next | None:
        found = await timeline.recorded_after(at.reads, at.customer.id, at.last, at.skipped)
        await _customer(context.fork(), id)
        return found

    return await retry_while_transient(read, WAITING)


async def _customer(context: Context, id: str) -> CustomerRow:
    row = await find(context, CUSTOMER, id)
    if row is None:
        raise bad_input("customerId does not match a customer.")
    return row
