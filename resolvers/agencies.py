"""Agencies: the viewer's agency, its clients that they have access to, and totals over these clients."""

from dataclasses import dataclass
from functools import partial

from models.reads import agency_board
from models.reads.agency_board import ClientOrder, Clients, Totals
from models.reads.funnel import Days
from models.reads.keyset import Position
from models.reads.operation import Ahead
from models.rules import ids
from models.rules.enums import AccountKind, AgencyClientOrderField
from permissions.scope import assigned_clients, client_seat
from permissions.viewer import AgencyMembership, Seat, Viewer
from resolvers.accounts import check_days
from resolvers.context import Context
from resolvers.cursors import Slice
from resolvers.pages import Page, page_forward, position_of

NAME_FIRST = ClientOrder(AgencyClientOrderField.NAME)


@dataclass(frozen=True, slots=True)
class AgencySeat:
    """The viewer's seat in an agency's own account, and the membership that determines its clients."""

    seat: Seat
    membership: AgencyMembership

    def clients(self, search: str | None = None) -> Clients:
        one = self.membership
        return Clients(one.agency_id, None if one.sees_all_clients else one.membership_id, search)


async def find(context: Context, id: str | None) -> AgencySeat | None:
    """The agency with this id; by default the acting account if it is an agency, else the viewer's first agency."""
    membership = _membership(await context.viewer(), id)
    if membership is None:
        return None
    seat = await context.seat(membership.agency_id)
    assert seat is not None  # an own membership
    return AgencySeat(seat, membership)


def seat_ahead(_context: Context, viewer: Viewer, _columns: object, id: str | None = None) -> AgencySeat | None:
    """The seat that `find` will find."""
    membership = _membership(viewer, id)
    return AgencySeat(viewer.own[membership.agency_id], membership) if membership else None


def _membership(viewer: Viewer, id: str | None) -> AgencyMembership | None:
    wanted = ids.parse_id(ids.AGENCY, id) if id is not None else viewer.acting_account
    memberships = [membership for membership in viewer.agency_memberships if membership.agency_id == wanted]
    if not memberships and id is None:
        memberships = list(viewer.agency_memberships[:1])
    return memberships[0] if memberships else None


async def of_account(context: Context, seat: Seat) -> AgencySeat | None:
    """The agency that this account is, or whose client it is, if the viewer is a member of the agency."""
    account = seat.account
    agency_id = account.id if account.kind is AccountKind.AGENCY else account.agency_id
    return await find(context, ids.public_id(ids.AGENCY, agency_id)) if agency_id else None


async def clients(
    context: Context, agency: AgencySeat, search: str | None, order: ClientOrder, window: Slice
) -> Page[Seat]:
    """The viewer's seats in the clients; the context remembers them for the fields below."""
    selection = agency.clients(search)
    page = await page_forward(
        context,
        _connection_name(selection, order),
        window,
        partial(agency_board.page, context.reads, selection, order),
        lambda row: Position(row.order_value, row.account["a_id"]),
    )
    viewer = await context.viewer()
    seats = [context.remember(client_seat(viewer, agency.membership, row.account)) for row in page.rows]
    return Page(seats, page.cursors, page.has_next, page.has_previous)


def clients_ahead(
    context: Context, agency: AgencySeat, search: str | None, order: ClientOrder, window: Slice
) -> Ahead | None:
    """What `clients` will read; None for searches, which may take long."""
    if search is not None:
        return None
    selection = agency.clients()
    position = position_of(context, _connection_name(selection, order), window)
    return agency_board.page_statement(selection, order, window.limit + 1, position)


def _connection_name(clients: Clients, order: ClientOrder) -> str:
    return f"clients:{clients.agency_id.hex}:{clients.assigned_to}:{order}:{clients.search}"


async def count(context: Context, agency: AgencySeat, search: str | None) -> int:
    return await agency_board.count(context.reads, agency.clients(search))


async def totals(context: Context, agency: AgencySeat, days: Days) -> Totals:
    check_days(days)
    if context.reads.row_security and not agency.membership.sees_all_clients:
        for account_id in await assigned_clients(context.reads, agency.membership):
            await context.seat(account_id)
    return await agency_board.totals(context.reads, agency.clients(), days, context.now)
