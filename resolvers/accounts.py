"""Accounts, their locations and cards, within a viewer's scope."""

from collections.abc import Sequence
from uuid import UUID

from models.reads import location_rows
from models.reads.customer_rows import LocationRow
from models.reads.funnel import Days, FunnelRow, funnels
from models.reads.usage import Terms, UsageRow, usages
from models.rules import ids
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
    if key is None:
        return None
    await context.open("location", [key])
    for row in await location_rows.by_ids(context.reads, [key]):
        of_account = await context.seat(row.account_id)
        if of_account and of_account.sees(row.id) and (seat is None or row.account_id == seat.account.id):
            return row
    return None


async def locations(context: Context, seat: Seat, window: Slice) -> Page[LocationRow]:
    name = f"locations:{seat.account.id.hex}"
    behind = None
    if window.cursor is not None:
        place, key = context.cursors.read(name, window.cursor)
        behind = (str(place), UUID(key))
    rows = await location_rows.of_account(context.reads, seat.account.id, seat.locations, window.limit + 1, behind)
    return page_of(rows, window, lambda row: context.cursors.make(name, row.name, row.id.hex))


async def card(context: Context, seat: Seat, location_id: str | None) -> UsageRow:
    """The summary cards, of the location asked for or of all that the viewer sees; those of several accounts in one
    read."""
    chosen, seen = await _seen(context, seat, location_id)

    async def read(keys: Sequence[UUID]) -> dict[UUID, UsageRow]:
        asked = [_terms(context.seats[key]) for key in keys]
        return await usages(context.reads, asked, context.now, locations=seen, location_id=chosen)

    return await context.load(("usage", seen, chosen), read, seat.account.id)


async def funnel(context: Context, seat: Seat, days: Days, location_id: str | None) -> FunnelRow:
    """Of the location asked for or of all that the viewer sees; those of several accounts in one read."""
    refuse_turned_round(days)
    _, seen = await _seen(context, seat, location_id)

    async def read(keys: Sequence[UUID]) -> dict[UUID, FunnelRow]:
        return await funnels(context.reads, keys, days, seen)

    return await context.load(("funnel", days, seen), read, seat.account.id)


def refuse_turned_round(days: Days) -> None:
    if days.since and days.until and days.until < days.since:
        raise bad_input("until lies before since; give the earlier day as since.")


async def _seen(context: Context, seat: Seat, location_id: str | None) -> tuple[UUID | None, tuple[UUID, ...] | None]:
    """The location asked for, if one was, and the locations to count; None for all."""
    if location_id is None:
        return None, seat.locations
    found = await location(context, location_id, seat)
    if found is None:
        raise bad_input("locationId names no location of this account.")
    return found.id, (found.id,)


def _terms(seat: Seat) -> Terms:
    account = seat.account
    return Terms(account.id, account.facts.invitations, account.time_zone, account.anchor_day)
