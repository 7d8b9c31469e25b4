"""Locations in the viewer's scope, and the platforms they offer."""

from functools import partial
from uuid import UUID

from models.reads import location_rows
from models.reads.customer_rows import LocationRow, PlatformRow
from models.reads.keyset import Position
from permissions.viewer import Seat
from resolvers.context import Context
from resolvers.cursors import Slice
from resolvers.pages import Page, page_forward


async def page(context: Context, seat: Seat, window: Slice) -> Page[LocationRow]:
    """A page of the viewer's locations, ordered by name."""
    return await page_forward(
        context,
        f"locations:{seat.account.id.hex}",
        window,
        partial(location_rows.in_scope, context.reads, seat.scope),
        lambda row: Position(row.name, row.id),
    )


async def count(context: Context, seat: Seat) -> int:
    return await location_rows.count(context.reads, seat.scope)


async def platforms(context: Context, location_id: UUID) -> list[PlatformRow]:
    return await context.load("platforms", partial(location_rows.platforms, context.reads), location_id)
