"""An account, with its usage cards, customer table, imports, and the viewer's capabilities."""

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry

from models.reads.account_rows import AccountRow
from models.reads.customer_search import NEWEST_FIRST, Criteria, Order, everything
from models.reads.funnel import Days
from models.reads.operation import Ahead
from models.reads.records import Column, Record
from models.rules import ids
from models.rules.enums import AccountKind, PlanTier, Role
from permissions.viewer import Seat
from resolvers import accounts, agencies, bulk_imports, customers, deliveries, locations, suppressions
from resolvers.context import Context
from resolvers.cursors import Slice, slice_of
from resolvers.customers import customer_ahead
from resolvers.scope import BULK_IMPORT, CUSTOMER, LOCATION, find
from schema.bulk_import import BulkImport
from schema.capability import AccountCapabilities
from schema.connection import Connection, Info, columns_read, connection
from schema.customer import Customer, CustomerConnection, CustomerFilter, CustomerOrder
from schema.delivery import Delivery
from schema.foresight import AHEAD
from schema.funnel import InvitationFunnel
from schema.location import Location
from schema.node import Node, node_of, register_node
from schema.rows import of_record, view_of
from schema.suppression import Suppression
from schema.usage import UsageSummary

if TYPE_CHECKING:
    from schema.agency import Agency


def _asked(
    seat: Seat,
    search: str | None = None,
    filter: CustomerFilter | None = None,
    order_by: CustomerOrder | None = None,
    **page: Any,
) -> tuple[Criteria, Order, Slice]:
    """What the arguments of Account.customers ask for."""
    criteria = everything(seat.scope) if search is None else Criteria(seat.scope, search)
    if filter:
        criteria = customers.narrow(filter.criteria(seat.scope, search), filter.location_ids)
    return criteria, order_by.order if order_by else NEWEST_FIRST, slice_of(**page)


def _page_ahead(context: Context, seat: Seat, columns: frozenset[str] | None, **given: Any) -> Ahead | None:
    return customers.page_ahead(context, *_asked(seat, **given), columns)


@of_record(AccountRow, id=Column("a_id", by=ids.writer_of(ids.ACCOUNT)))
@strawberry.type(description="A tenant: a business, an agency, or a client of an agency.")
class Account(Node):
    record: strawberry.Private[Record]
    seat: strawberry.Private[Seat]
    account_id = AccountRow.id
    name: str = strawberry.field(description="The account's name.")
    kind: AccountKind = strawberry.field(description="The kind of account.")
    plan: PlanTier = strawberry.field(description="The plan it is on.")
    time_zone: str = strawberry.field(description="Its time zone, as an IANA name.")

    @classmethod
    def of(cls, seat: Seat) -> "Account":
        return view_of(cls, seat.account.record, seat)

    @strawberry.field(
        description="What the viewer can do in this account, so that a frontend can show or hide its buttons."
    )
    def can(self) -> AccountCapabilities:
        return AccountCapabilities.of(self.seat)

    @strawberry.field(
        description="The agency that the viewer works for in this account: the account itself, or the agency of a client; null for "
        "other members."
    )
    async def agency(self, info: Info) -> Annotated["Agency", strawberry.lazy("schema.agency")] | None:
        found = await agencies.of_account(info.context, self.seat)
        return cast("Agency", node_of(found, info.context)) if found else None

    @strawberry.field(
        description="The usage cards. invitedThisCycle counts one location if locationId is given, otherwise all that "
        "the viewer can see.",
        metadata={AHEAD: accounts.card_ahead},
    )
    async def usage(self, info: Info, location_id: strawberry.ID | None = None) -> UsageSummary:
        row = await accounts.card(info.context, self.seat, location_id)
        return UsageSummary.of(row, self.account_id, info.context.shared.buy_more_url)

    @strawberry.field(
        description="The invitation funnel of one location if locationId is given, otherwise of all that the viewer can "
        "see. "
        "since and until default to all time."
    )
    async def funnel(
        self,
        info: Info,
        since: dt.date | None = None,
        until: dt.date | None = None,
        location_id: strawberry.ID | None = None,
    ) -> InvitationFunnel:
        return InvitationFunnel.of(await accounts.funnel(info.context, self.seat, Days(since, until), location_id))

    @strawberry.field(description="The locations the viewer can see, ordered by name.")
    async def locations(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[Location]:
        page = await locations.page(info.context, self.seat, slice_of(first, after))
        return connection(page, Location.of, partial(locations.count, info.context, self.seat))

    @strawberry.field(description="One location, or null if the viewer cannot see a location with this id.")
    async def location(self, info: Info, id: strawberry.ID) -> Location | None:
        row = await find(info.context, LOCATION, id, self.seat)
        return Location.of(row) if row else None

    @strawberry.field(
        description="The customer table, most recently invited first by default. search matches names, e-mail addresses "
        "(domains also as people write them, as in müller.de), phone numbers (in national or international form), "
        "employees, services and list names, ignoring case, accents, marks and punctuation. All words must match. Fewer "
        "than three letters or digits are ignored.",
        metadata={AHEAD: _page_ahead},
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
        asked = _asked(self.seat, search, filter, order_by, first=first, after=after, last=last, before=before)
        page = await customers.page(info.context, *asked, columns_read(info))
        return CustomerConnection.of(page, self.seat, asked[0])

    @strawberry.field(
        description="One customer, or null if the viewer cannot see a customer with this id.",
        metadata={AHEAD: customer_ahead},
    )
    async def customer(self, info: Info, id: strawberry.ID) -> Customer | None:
        row = await find(info.context, CUSTOMER, id, self.seat)
        return Customer.of(row, self.seat) if row else None

    @strawberry.field(
        description="The addresses that the account must not write to, most recently recorded first; only those of one person if "
        "address is given: an e-mail address or a phone number."
    )
    async def suppressions(
        self, info: Info, address: str | None = None, first: int | None = None, after: str | None = None
    ) -> Connection[Suppression] | None:
        page = await suppressions.page(info.context, self.seat, address, slice_of(first, after))
        return connection(page, Suppression.of, partial(suppressions.count, info.context, self.seat, address))

    @strawberry.field(description="How delivery is going.")
    async def delivery(self, info: Info) -> Delivery:
        return Delivery.of(await deliveries.state(info.context, self.seat), self.seat)

    @strawberry.field(
        description="The account's bulk imports, most recent first. search matches their names as in customers: all words must "
        "match, and fewer than three letters or digits are ignored."
    )
    async def bulk_imports(
        self, info: Info, search: str | None = None, first: int | None = None, after: str | None = None
    ) -> Connection[BulkImport] | None:
        page = await bulk_imports.page(info.context, self.seat, search, slice_of(first, after))
        count = partial(bulk_imports.count, info.context, self.seat, search)
        return connection(page, lambda row: BulkImport.of(row, info.context.now), count)

    @strawberry.field(description="One bulk import, or null if the viewer cannot see one with this id.")
    async def bulk_import(self, info: Info, id: strawberry.ID) -> BulkImport | None:
        row = await find(info.context, BULK_IMPORT, id, self.seat)
        return BulkImport.of(row, info.context.now) if row else None


register_node(Seat, lambda seat, _context: Account.of(seat))


@strawberry.type(description="A user's role in an account.")
class Membership:
    account: Account = strawberry.field(description="The account.")
    role: Role = strawberry.field(description="The viewer's role in it.")


@strawberry.type(description="The user who makes the request.")
class Viewer:
    id: strawberry.ID = strawberry.field(description="Unique across all types.")
    name: str = strawberry.field(description="The user's name.")
    email: str = strawberry.field(description="The user's e-mail address.")
    memberships: list[Membership] = strawberry.field(description="The user's memberships, oldest first.")
