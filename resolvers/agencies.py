"""Agencies: the one that a viewer works for, its clients as far as they are theirs, and what these are together."""

from dataclasses import dataclass
from functools import partial

from models.reads import agency_board
from models.reads.agency_board import ClientOrder, Clients, Totals
from models.reads.funnel import Days
from models.reads.keyset import Position
from models.rules import ids
from models.rules.enums import AgencyClientOrderField
from permissions.scope import assigned, client_seat
from permissions.viewer import AgencyPost, Seat
from resolvers.accounts import refuse_reversed
from resolvers.context import Context
from resolvers.cursors import Slice
from resolvers.pages import Page, page_forward

NAME_FIRST = ClientOrder(AgencyClientOrderField.NAME)


@dataclass(frozen=True, slots=True)
class AgencySeat:
    """An agency that the viewer works for: the seat in its own account, and the post from which the clients follow."""

    seat: Seat
    post: AgencyPost

    def clients(self, search: str | None = None) -> Clients:
        return Clients(self.post.agency_id, None if self.post.sees_all else self.post.membership_id, search)


async def find(context: Context, id: str | None) -> AgencySeat | None:
    """Without an id: the acting account if it is one, else the first that the viewer works for."""
    viewer = await context.viewer()
    wanted = ids.parse_id(ids.AGENCY, id) if id is not None else viewer.acting
    posts = [post for post in viewer.posts if post.agency_id == wanted]
    if not posts and id is None:
        posts = list(viewer.posts[:1])
    if not posts:
        return None
    seat = await context.seat(posts[0].agency_id)
    assert seat is not None  # an own membership
    return AgencySeat(seat, posts[0])


async def clients(
    context: Context, agency: AgencySeat, search: str | None, order: ClientOrder, window: Slice
) -> Page[Seat]:
    """The viewer's seats in the clients, noted for the fields below them."""
    asked = agency.clients(search)
    page = await page_forward(
        context,
        f"clients:{asked.agency_id.hex}:{asked.assigned_to}:{order}:{search}",
        window,
        partial(agency_board.page, context.reads, asked, order),
        lambda row: Position(row.order_value, row.account["account_id"]),
    )
    viewer = await context.viewer()
    seats = [context.note(client_seat(viewer, agency.post, row.account)) for row in page.rows]
    return Page(seats, page.cursors, page.has_next, page.has_previous)


async def number(context: Context, agency: AgencySeat, search: str | None) -> int:
    return await agency_board.number(context.reads, agency.clients(search))


async def totals(context: Context, agency: AgencySeat, days: Days) -> Totals:
    refuse_reversed(days)
    if context.reads.walled and not agency.post.sees_all:
        for account_id in await assigned(context.reads, agency.post):
            await context.seat(account_id)
    return await agency_board.totals(context.reads, agency.clients(), days, context.now)
