"""An agency's board: its clients, each with its cards and funnel, and what they are together."""

import datetime as dt
from functools import partial

import strawberry

from models.reads.agency_board import ClientOrder, Totals
from models.reads.funnel import Days
from models.rules import ids
from models.rules.enums import AgencyClientOrderField
from permissions.viewer import Seat
from resolvers import accounts, agencies
from resolvers.agencies import NAME_FIRST, AgencySeat
from resolvers.cursors import slice_of
from schema.account import Account
from schema.connection import Connection, Info, connection
from schema.enums import OrderDirection
from schema.funnel import InvitationFunnel
from schema.node import Node, shows
from schema.usage import UsageSummary


@strawberry.type(description="A client account as its agency's board shows it.")
class AgencyClient:
    seat: strawberry.Private[Seat]
    account: Account = strawberry.field(description="The account, with the viewer's own seat there.")

    @classmethod
    def of(cls, seat: Seat) -> "AgencyClient":
        return cls(seat=seat, account=Account.of(seat))

    @strawberry.field(description="Its summary cards.")
    async def usage(self, info: Info) -> UsageSummary:
        row = await accounts.card(info.context, self.seat, None)
        return UsageSummary.of(row, self.seat.account.id, info.context.shared.buy_more_url)

    @strawberry.field(description="How far its invitations have come. Days are those of its own time zone.")
    async def funnel(self, info: Info, since: dt.date | None = None, until: dt.date | None = None) -> InvitationFunnel:
        return InvitationFunnel.of(await accounts.funnel(info.context, self.seat, Days(since, until), None))


@strawberry.type(description="What the clients that the viewer works for are together; no personal data.")
class AgencyTotals:
    clients: int = strawberry.field(description="How many they are.")
    invited_this_cycle: int = strawberry.field(description="Invitations sent, each client's in its own billing period.")
    funnel: InvitationFunnel = strawberry.field(description="How far all their invitations have come.")

    @classmethod
    def of(cls, row: Totals) -> "AgencyTotals":
        return cls(
            clients=row.clients, invited_this_cycle=row.invited_this_cycle, funnel=InvitationFunnel.of(row.funnel)
        )


@strawberry.input(description="By what the board is ordered; nulls stand last, either way.")
class AgencyClientOrder:
    field: AgencyClientOrderField = strawberry.field(description="By which figure.")
    direction: OrderDirection = strawberry.field(description="Which way.")

    @property
    def order(self) -> ClientOrder:
        return ClientOrder(self.field, self.direction is OrderDirection.DESC)


@strawberry.type(description="An account whose members also work for its client accounts.")
class Agency(Node):
    agency: strawberry.Private[AgencySeat]
    name: str = strawberry.field(description="Its name.")

    @classmethod
    def of(cls, agency: AgencySeat) -> "Agency":
        account = agency.seat.account
        return cls(id=strawberry.ID(ids.public_id(ids.AGENCY, account.id)), agency=agency, name=account.name)

    @strawberry.field(
        description="The clients that the viewer works for, by name unless ordered otherwise. search: part of a name, "
        "whatever the case, accents or punctuation."
    )
    async def clients(
        self,
        info: Info,
        search: str | None = None,
        order_by: AgencyClientOrder | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[AgencyClient]:
        order = order_by.order if order_by else NAME_FIRST
        page = await agencies.clients(info.context, self.agency, search, order, slice_of(first, after))
        return connection(page, AgencyClient.of, partial(agencies.number, info.context, self.agency, search))

    @strawberry.field(description="What these clients are together.")
    async def totals(self, info: Info, since: dt.date | None = None, until: dt.date | None = None) -> AgencyTotals:
        return AgencyTotals.of(await agencies.totals(info.context, self.agency, Days(since, until)))


shows(AgencySeat, lambda seat, _context: Agency.of(seat))
