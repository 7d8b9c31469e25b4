"""An agency's board: its clients with their cards and funnels, and their totals."""

import datetime as dt
from functools import partial
from typing import Any, cast

import strawberry

from models.reads.agency_board import ClientOrder, Totals
from models.reads.funnel import Days
from models.reads.operation import Ahead
from models.rules import ids
from models.rules.enums import AgencyClientOrderField
from permissions.viewer import Seat
from resolvers import accounts, agencies
from resolvers.agencies import NAME_FIRST, AgencySeat
from resolvers.context import Context
from resolvers.cursors import Slice, slice_of
from schema.account import Account
from schema.connection import Connection, Info, connection, is_read
from schema.enums import OrderDirection
from schema.foresight import AHEAD
from schema.funnel import InvitationFunnel
from schema.node import Node, register_node
from schema.usage import UsageSummary


@strawberry.type(description="A client account on its agency's board.")
class AgencyClient:
    seat: strawberry.Private[Seat]
    account: Account = strawberry.field(description="The client account, with the viewer's own permissions in it.")
    usage: UsageSummary = strawberry.field(description="Its usage cards.")

    @classmethod
    def of(cls, seat: Seat, usage: UsageSummary | None) -> "AgencyClient":
        """`usage` is None if it will not be read."""
        return cls(seat=seat, account=Account.of(seat), usage=cast(UsageSummary, usage))

    @strawberry.field(description="Its invitation funnel. Days are in the client's time zone.")
    async def funnel(self, info: Info, since: dt.date | None = None, until: dt.date | None = None) -> InvitationFunnel:
        return InvitationFunnel.of(await accounts.funnel(info.context, self.seat, Days(since, until), None))


@strawberry.type(description="Totals over the clients the viewer works for. Contains no personal data.")
class AgencyTotals:
    clients: int = strawberry.field(description="The number of clients.")
    invited_this_cycle: int = strawberry.field(description="Invitations sent in each client's current billing cycle.")
    funnel: InvitationFunnel = strawberry.field(description="The invitation funnel over all these clients.")

    @classmethod
    def of(cls, row: Totals) -> "AgencyTotals":
        return cls(
            clients=row.clients, invited_this_cycle=row.invited_this_cycle, funnel=InvitationFunnel.of(row.funnel)
        )


@strawberry.input(description="The order of the board. Nulls come last in either direction.")
class AgencyClientOrder:
    field: AgencyClientOrderField = strawberry.field(description="The figure to order by.")
    direction: OrderDirection = strawberry.field(description="The direction.")

    @property
    def order(self) -> ClientOrder:
        return ClientOrder(self.field, self.direction is OrderDirection.DESC)


def _asked(
    search: str | None = None, order_by: AgencyClientOrder | None = None, **page: Any
) -> tuple[str | None, ClientOrder, Slice]:
    """What the arguments of Agency.clients ask for."""
    return search, order_by.order if order_by else NAME_FIRST, slice_of(**page)


def _clients_ahead(context: Context, agency: AgencySeat, _columns: object, **given: Any) -> Ahead | None:
    return agencies.clients_ahead(context, agency, *_asked(**given))


@strawberry.type(description="An account whose members also work in its client accounts.")
class Agency(Node):
    agency: strawberry.Private[AgencySeat]
    name: str = strawberry.field(description="The agency's name.")

    @classmethod
    def of(cls, agency: AgencySeat) -> "Agency":
        account = agency.seat.account
        return cls(id=strawberry.ID(ids.public_id(ids.AGENCY, account.id)), agency=agency, name=account.name)

    @strawberry.field(
        description="The clients the viewer works for, ordered by name by default. search matches part of a name, ignoring case, "
        "accents and punctuation.",
        metadata={AHEAD: _clients_ahead},
    )
    async def clients(
        self,
        info: Info,
        search: str | None = None,
        order_by: AgencyClientOrder | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[AgencyClient]:
        asked = _asked(search, order_by, first=first, after=after)
        page = await agencies.clients(info.context, self.agency, *asked)
        cards = await accounts.cards(info.context, page.rows) if is_read(info, "AgencyClient.usage") else {}
        url = info.context.shared.buy_more_url

        def client(seat: Seat) -> AgencyClient:
            key = seat.account.id
            return AgencyClient.of(seat, UsageSummary.of(cards[key], key, url) if cards else None)

        return connection(page, client, partial(agencies.count, info.context, self.agency, search))

    @strawberry.field(description="Totals over the clients the viewer works for.")
    async def totals(self, info: Info, since: dt.date | None = None, until: dt.date | None = None) -> AgencyTotals:
        return AgencyTotals.of(await agencies.totals(info.context, self.agency, Days(since, until)))


register_node(AgencySeat, lambda seat, _context: Agency.of(seat))
