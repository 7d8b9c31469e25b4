"""Timelines: the events of a customer or an invitation, by page or by day."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from models.reads import timeline
from models.reads.keyset import Position
from models.reads.operation import Ahead
from models.reads.timeline import EventRow
from permissions.viewer import Seat
from resolvers.context import Context
from resolvers.cursors import LONGEST_PAGE, Slice
from resolvers.errors import bad_input
from resolvers.pages import Page, page_of_parent

DEFAULT_DAYS = 30


async def events(context: Context, owner: str, key: UUID, window: Slice) -> Page[EventRow]:
    """A page of events, most recent first; `owner` is timeline.OF_CUSTOMER or timeline.OF_INVITATION."""

    async def read(
        keys: Sequence[UUID], limit: int, after: Position | None
    ) -> dict[UUID, list[tuple[Position, EventRow]]]:
        return await timeline.pages(context.reads, owner, keys, limit, after)

    return await page_of_parent(context, f"activity:{owner}", key, window, read)


async def count_events(context: Context, owner: str, key: UUID) -> int:
    async def read(keys: Sequence[UUID]) -> dict[UUID, int]:
        return await timeline.counts(context.reads, owner, keys)

    return await context.load(("event count", owner), read, key)


async def days(context: Context, customer_id: UUID, zone: str, first: int | None) -> list[tuple[date, list[EventRow]]]:
    """A customer's most recent days with events, in this time zone."""
    limit = _days_asked(first)

    async def read(keys: Sequence[UUID]) -> dict[UUID, list[tuple[date, list[EventRow]]]]:
        return await timeline.days(context.reads, keys, zone, limit)

    return await context.load(("days", zone, limit), read, customer_id)


def days_ahead(_context: Context, customer: tuple[UUID, Seat], _columns: object, first: int | None = None) -> Ahead:
    """What `days` will read of a customer, given by key and seat."""
    key, seat = customer
    return timeline.days_statement([key], seat.account.time_zone, _days_asked(first))


def _days_asked(first: int | None) -> int:
    limit = DEFAULT_DAYS if first is None else first
    if not 1 <= limit <= LONGEST_PAGE:
        raise bad_input(f"first must be from 1 to {LONGEST_PAGE}.")
    return limit
