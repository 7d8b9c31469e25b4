"""An account: its cards, its table, its imports, and what this viewer may do in it."""

import datetime as dt
from functools import partial
from uuid import UUID

import strawberry

from models.reads.customer_search import NEWEST_FIRST
from models.reads.funnel import Days
from models.rules import ids
from models.rules.enums import AccountKind, PlanTier, Role
from permissions.viewer import Seat
from resolvers import accounts, bulk_imports, customers, locations
from resolvers.cursors import slice_of
from resolvers.scope import BULK_IMPORT, CUSTOMER, LOCATION, find
from schema.bulk_import import BulkImport
from schema.capability import AccountCapabilities
from schema.connection import Connection, Info, connection
from schema.customer import Customer, CustomerConnection, CustomerFilter, CustomerOrder
from schema.funnel import InvitationFunnel
from schema.location import Location
from schema.node import Node, shows
from schema.usage import UsageSummary


@strawberry.type(description="The tenant: a business, an agency, or a client of one.")
class Account(Node):
    account_id: strawberry.Private[UUID]
    seat: strawberry.Private[Seat]
    name: str = strawberry.field(description="Its name.")
    kind: AccountKind = strawberry.field(description="Business, agency, or an agency's client.")
    plan: PlanTier = strawberry.field(description="What it has bought.")
    time_zone: str = strawberry.field(description="IANA name of its time zone.")

    @classmethod
    def of(cls, seat: Seat) -> "Account":
        row = seat.account
        return cls(
            id=strawberry.ID(ids.public_id(ids.ACCOUNT, row.id)),
            account_id=row.id,
            seat=seat,
            name=row.name,
            kind=row.kind,
            plan=row.plan,
            time_zone=row.time_zone,
        )

    @strawberry.field(
        description="What this viewer may do here, so that a frontend shows or hides a button beforehand."
    )
    def can(self) -> AccountCapabilities:
        return AccountCapabilities.of(self.seat)

    @strawberry.field(
        description="The summary cards. invitedThisCycle counts the location given, or all that the viewer sees."
    )
    async def usage(self, info: Info, location_id: strawberry.ID | None = None) -> UsageSummary:
        row = await accounts.card(info.context, self.seat, location_id)
        return UsageSummary.of(row, self.account_id, info.context.shared.buy_more_url)

    @strawberry.field(
        description="How far invitations have come, of the location given, or of all that the viewer sees. Left out: from "
        "the first day on, until now."
    )
    async def funnel(
        self,
        info: Info,
        since: dt.date | None = None,
        until: dt.date | None = None,
        location_id: strawberry.ID | None = None,
    ) -> InvitationFunnel:
        return InvitationFunnel.of(await accounts.funnel(info.context, self.seat, Days(since, until), location_id))

    @strawberry.field(description="The locations that the viewer sees, by name.")
    async def locations(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[Location]:
        page = await locations.page(info.context, self.seat, slice_of(first, after))
        return connection(page, Location.of, partial(locations.number, info.context, self.seat))

    @strawberry.field(description="One location; null for what is none that the viewer sees.")
    async def location(self, info: Info, id: strawberry.ID) -> Location | None:
        row = await find(info.context, LOCATION, id, self.seat)
        return Location.of(row) if row else None

    @strawberry.field(
        description="The customer table, the latest invited first. search: over names, e-mail, phone (as dialled at "
        "home or abroad), employee, service and list name, whatever the case, accents or punctuation; fewer than three "
        "letters or digits in all are no search yet and filter nothing. Several words must all be there."
    )
    async def customers(
        self,
        info: Info,
        search: str | None = None,
        filter: CustomerFilter | None = None,
        order_by: CustomerOrder | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> CustomerConnection:
        criteria = (filter or CustomerFilter()).criteria(self.seat.scope, search)
        asked = customers.narrowed(criteria, filter.location_ids if filter else None)
        order = order_by.order if order_by else NEWEST_FIRST
        page = await customers.page(info.context, asked, order, slice_of(first, after, last, before))
        return CustomerConnection.of(page, self.seat, asked)

    @strawberry.field(description="One customer; null for what is none that the viewer sees.")
    async def customer(self, info: Info, id: strawberry.ID) -> Customer | None:
        row = await find(info.context, CUSTOMER, id, self.seat)
        return Customer.of(row, self.seat) if row else None

    @strawberry.field(description="The lists that were imported, the latest first.")
    async def bulk_imports(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[BulkImport] | None:
        page = await bulk_imports.page(info.context, self.seat, slice_of(first, after))
        counted = partial(bulk_imports.number, info.context, self.seat)
        return connection(page, lambda row: BulkImport.of(row, info.context.now), counted)

    @strawberry.field(description="One of them.")
    async def bulk_import(self, info: Info, id: strawberry.ID) -> BulkImport | None:
        row = await find(info.context, BULK_IMPORT, id, self.seat)
        return BulkImport.of(row, info.context.now) if row else None


shows(Seat, lambda seat, _context: Account.of(seat))


@strawberry.type(description="A role in an account.")
class Membership:
    account: Account = strawberry.field(description="The account.")
    role: Role = strawberry.field(description="What the viewer is there.")


@strawberry.type(description="Who asks.")
class Viewer:
    id: strawberry.ID = strawberry.field(description="Unique across all types.")
    name: str = strawberry.field(description="Their name.")
    email: str = strawberry.field(description="Their e-mail address.")
    memberships: list[Membership] = strawberry.field(description="Where they are a member, the first one first.")
