"""The customer table, its rows, and what hangs on a row: timeline, invitations, messages."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from uuid import UUID

import orjson

from models.reads import customer_search, invitation_rows, location_rows, timeline
from models.reads.customer_rows import CustomerRow, InvitationRow, PlatformRow
from models.reads.customer_search import BoundedCount, Criteria, Order, PageWindow, Position
from models.reads.timeline import Behind, EventRow, MessageRow
from models.rules import ids
from models.rules.enums import CustomerOrderField
from permissions.viewer import Seat
from resolvers.context import Context
from resolvers.cursors import LONGEST_PAGE, Slice
from resolvers.errors import bad_input
from resolvers.pages import Page, page_between, page_of

MOST_COUNTED = 10_000


def within(criteria: Criteria, seat: Seat, wanted: Sequence[str] | None) -> Criteria:
    """The criteria, held to the locations that the viewer sees; ids that name none of these match nothing."""
    for name, bound in (("npsAtLeast", criteria.nps_at_least), ("npsAtMost", criteria.nps_at_most)):
        if bound is not None and not 0 <= bound <= 10:
            raise bad_input(f"{name} is a score from 0 to 10.")
    if wanted is None:
        return replace(criteria, location_ids=seat.locations)
    keys = [key for key in (ids.parse_id(ids.LOCATION, one) for one in wanted) if key]
    return replace(criteria, location_ids=tuple(key for key in keys if seat.sees(key)))


async def page(context: Context, criteria: Criteria, order: Order, window: Slice) -> Page[CustomerRow]:
    name = _name(criteria, order)
    place = None
    if window.cursor is not None:
        value, key = context.cursors.read(name, window.cursor)
        at = datetime.fromisoformat(value) if order.field is CustomerOrderField.INVITED_ON else value
        place = Position(at, UUID(key))
    found = await customer_search.page(context.reads, criteria, order, PageWindow(window.limit, place, window.backward))
    return page_between(
        found.rows, window, found.more, lambda row: context.cursors.make(name, row.order_value, row.id.hex)
    )


def _name(criteria: Criteria, order: Order) -> str:
    """A connection's cursors are good for its own account, order, search and filters."""
    asked = orjson.dumps([criteria, order], default=str)
    return f"customers:{hashlib.sha256(asked).hexdigest()}"


async def count(context: Context, criteria: Criteria, up_to: int) -> BoundedCount:
    if not 1 <= up_to <= MOST_COUNTED:
        raise bad_input(f"upTo must be from 1 to {MOST_COUNTED}.")
    return await customer_search.count(context.reads, criteria, up_to)


async def find(context: Context, seat: Seat, id: str) -> CustomerRow | None:
    key = ids.parse_id(ids.CUSTOMER, id)
    for row in await customer_search.by_ids(context.reads, [key]) if key else []:
        if row.account_id == seat.account.id and seat.sees(row.location.id):
            return row
    return None


async def of_invitation(context: Context, customer_id: UUID) -> CustomerRow:
    async def read(keys: Sequence[UUID]) -> dict[UUID, CustomerRow]:
        return {row.id: row for row in await customer_search.by_ids(context.reads, list(keys))}

    return await context.load("customer", read, customer_id)


async def platforms(context: Context, location_id: UUID) -> list[PlatformRow]:
    return await context.load("platforms", partial(location_rows.platforms, context.reads), location_id)


async def messages(context: Context, invitation_id: UUID) -> list[MessageRow]:
    return await context.load("messages", partial(timeline.messages, context.reads), invitation_id)


async def events(context: Context, owner: str, key: UUID, window: Slice) -> Page[EventRow]:
    """A page of the timeline of a customer or an invitation (`owner`: timeline.OF_CUSTOMER or OF_INVITATION)."""
    name = f"activity:{key.hex}"
    behind = None
    if window.cursor is not None:
        at, event = context.cursors.read(name, window.cursor)
        behind = Behind(datetime.fromisoformat(at), UUID(event))

    async def read(keys: Sequence[UUID]) -> dict[UUID, list[EventRow]]:
        return await timeline.pages(context.reads, owner, keys, window.limit + 1, behind)

    rows = await context.load(("events", owner, window.limit, behind), read, key)
    return page_of(rows, window, lambda row: context.cursors.make(name, row.occurred_at, row.id.hex))


async def number_of_events(context: Context, owner: str, key: UUID) -> int:
    async def read(keys: Sequence[UUID]) -> dict[UUID, int]:
        return await timeline.numbers(context.reads, owner, keys)

    return await context.load(("number of events", owner), read, key)


async def days(context: Context, key: UUID, zone: str, first: int | None) -> list[tuple[date, list[EventRow]]]:
    limit = 30 if first is None else first
    if not 1 <= limit <= LONGEST_PAGE:
        raise bad_input(f"first must be from 1 to {LONGEST_PAGE}.")

    async def read(keys: Sequence[UUID]) -> dict[UUID, list[tuple[date, list[EventRow]]]]:
        return await timeline.days(context.reads, keys, zone, limit)

    return await context.load(("days", zone, limit), read, key)


async def invitations(context: Context, key: UUID, window: Slice) -> Page[InvitationRow]:
    name = f"invitations:{key.hex}"
    behind = None
    if window.cursor is not None:
        at, invitation = context.cursors.read(name, window.cursor)
        behind = (datetime.fromisoformat(at), UUID(invitation))

    async def read(keys: Sequence[UUID]) -> dict[UUID, list[tuple[datetime, InvitationRow]]]:
        return await invitation_rows.of_customers(context.reads, keys, window.limit + 1, behind)

    rows = await context.load(("invitations", window.limit, behind), read, key)
    found = page_of(rows, window, lambda pair: context.cursors.make(name, pair[0], pair[1].id.hex))
    return Page([row for _, row in found.rows], found.cursors, found.has_next, found.has_previous)


async def number_of_invitations(context: Context, key: UUID) -> int:
    return await context.load("number of invitations", partial(invitation_rows.numbers, context.reads), key)
