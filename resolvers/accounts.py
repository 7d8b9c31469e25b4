"""Accounts, their locations and cards, within a viewer's scope."""

from collections.abc import Sequence
from uuid import UUID

from models import ids, location_reads, usage
from models.customer_rows import LocationRow
from models.usage import UsageRow
from permissions.viewer import Seat
from resolvers.context import Context
from resolvers.cursors import Slice
from resolvers.errors import bad_input
from resolvers.pages import Page, page_of


async def acting(context: Context) -> Seat | None:
    """The account that the token names; without one the first own membership."""
    viewer = await context.viewer()
    if viewer.acting is not None:
        return await context.seat(viewer.acting)
    return await context.seat(viewer.seats[0].account.id) if viewer.seats else None


async def find(context: Context, id: str | None) -> Seat | None:
    if id is None:
        return await acting(context)
    key = ids.parse_id(ids.ACCOUNT, id)
    return await context.seat(key) if key else None


async def location(context: Context, id: str, seat: Seat | None = None) -> LocationRow | None:
    """Within the viewer's scope, and, with a seat, of that account."""
    key = ids.parse_id(ids.LOCATION, id)
    for row in await location_reads.by_ids(context.reads, [key]) if key else []:
        of_account = await context.seat(row.account_id)
        if of_account and of_account.sees(row.id) and (seat is None or row.account_id == seat.account.id):
            return row
    return None


async def locations(context: Context, seat: Seat, window: Slice) -> Page[LocationRow]:
    name = f"locations:{seat.account.id.hex}"
    behind = None
    if window.cursor:
        place, key = context.cursors.read(name, window.cursor)
        behind = (str(place), UUID(key))
    rows = await location_reads.of_account(context.reads, seat.account.id, seat.locations, window.limit + 1, behind)
    return page_of(rows, window, lambda row: context.cursors.make(name, row.name, row.id.hex))


async def card(context: Context, seat: Seat, location_id: str | None) -> UsageRow:
    """The summary cards, of the location asked for or of all that the viewer sees."""
    chosen: UUID | None = None
    seen: Sequence[UUID] | None = seat.locations
    if location_id is not None:
        found = await location(context, location_id, seat)
        if found is None:
            raise bad_input("locationId names no location of this account.")
        chosen, seen = found.id, [found.id]
    return await usage.usage(
        context.reads,
        seat.account.id,
        plan_invitations=seat.account.facts.invitations,
        time_zone=seat.account.time_zone,
        anchor_day=seat.account.anchor_day,
        locations=seen,
        location_id=chosen,
        now=context.now,
    )
