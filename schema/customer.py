"""Customers, with their filters, orders and related objects."""

from datetime import datetime
from functools import partial

import strawberry

from models.reads import timeline
from models.reads.customer_rows import CustomerRow
from models.reads.customer_search import Criteria, Order
from models.reads.records import Column, Record
from models.rules import ids
from models.rules.enums import CustomerOrderField, InvitationState
from models.rules.moment import BOUNDS, is_moment
from models.rules.scope import Scope
from models.rules.shown import shown_email
from permissions.viewer import Seat
from resolvers import activity, customers, invitations
from resolvers.activity import days_ahead
from resolvers.context import Context
from resolvers.cursors import slice_of
from resolvers.errors import bad_input
from resolvers.pages import Page
from schema.activity import ActivityDay, ActivityEvent
from schema.connection import Connection, Edge, Info, PageInfo, connection, edges, page_info
from schema.enums import OrderDirection
from schema.foresight import AHEAD
from schema.invitation import Invitation
from schema.location import Location
from schema.node import Node, register_node
from schema.review import LinkedReview
from schema.rows import of_record, view_of


@strawberry.input(description="Filters for the customer table. All given filters must match.")
class CustomerFilter:
    location_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Invited by one of these locations."
    )
    invitation_states: list[InvitationState] | None = strawberry.field(
        default=None, description="The latest invitation is in one of these states."
    )
    sources: list[str] | None = strawberry.field(default=None, description="From one of these sources.")
    bulk_import_id: strawberry.ID | None = strawberry.field(
        default=None, description="The latest invitation belongs to this bulk import."
    )
    invited_since: datetime | None = strawberry.field(default=None, description="Invited at or after this time.")
    invited_until: datetime | None = strawberry.field(default=None, description="Invited before this time.")
    has_review: bool | None = strawberry.field(
        default=None, description="Has a linked review (true) or has none (false)."
    )
    nps_at_least: int | None = strawberry.field(default=None, description="Latest score is at least this.")
    nps_at_most: int | None = strawberry.field(default=None, description="Latest score is at most this.")

    def criteria(self, scope: Scope, search: str | None) -> Criteria:
        """Raises BAD_USER_INPUT if a time is out of bounds."""
        for name, moment in (("invitedSince", self.invited_since), ("invitedUntil", self.invited_until)):
            if moment is not None and not is_moment(moment):
                raise bad_input(f"{name} must be {BOUNDS}.")
        imported = ids.parse_id(ids.BULK_IMPORT, self.bulk_import_id) if self.bulk_import_id else None
        is_unknown_import = self.bulk_import_id is not None and imported is None
        return Criteria(
            scope,
            search=search,
            states=()
            if is_unknown_import
            else None
            if self.invitation_states is None
            else tuple(self.invitation_states),
            sources=None if self.sources is None else tuple(self.sources),
            bulk_import_id=imported,
            invited_since=self.invited_since,
            invited_until=self.invited_until,
            has_review=self.has_review,
            nps_at_least=self.nps_at_least,
            nps_at_most=self.nps_at_most,
        )


@strawberry.input(description="The order of the customer table. Nulls come last in either direction.")
class CustomerOrder:
    field: CustomerOrderField = strawberry.field(description="The column to order by.")
    direction: OrderDirection = strawberry.field(description="The direction.")

    @property
    def order(self) -> Order:
        return Order(self.field, self.direction is OrderDirection.DESC)


@of_record(
    CustomerRow,
    id=Column("c_id", by=ids.writer_of(ids.CUSTOMER)),
    email=Column("c_email", by=lambda email: email and shown_email(email)),
)
@strawberry.type(description="A person whom one location has invited: a row of the customer table.")
class Customer(Node):
    record: strawberry.Private[Record]
    seat: strawberry.Private[Seat]
    key = CustomerRow.id
    location: Location = strawberry.field(description="The inviting location.")
    first_name: str | None = strawberry.field(description="Given name.")
    last_name: str | None = strawberry.field(description="Family name.")
    email: str | None = strawberry.field(
        description="The e-mail address, with an internationalized domain as people type it."
    )
    phone: str | None = strawberry.field(description="The phone number in E.164.")
    source: str = strawberry.field(description="The source of the latest invitation.")
    invited_on: datetime = strawberry.field(
        description="When the latest invitation was sent; before that, when it was created."
    )
    nps_score: int | None = strawberry.field(description="The latest score, 0 to 10; null if none was given.")
    rating: float | None = strawberry.field(
        description="The rating of the latest linked review in stars; null if there is none."
    )
    invitation: Invitation = strawberry.field(description="The latest invitation.")
    linked_review: LinkedReview | None = strawberry.field(description="The latest review matched to this customer.")

    @classmethod
    def of(cls, row: CustomerRow, seat: Seat) -> "Customer":
        return view_of(cls, row.record, seat)

    @strawberry.field(description="All invitations, most recent first.")
    async def invitations(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Invitation]:
        page = await invitations.of_customer(info.context, self.key, slice_of(first, after))
        count = partial(invitations.count_of_customer, info.context, self.key)
        return connection(page, lambda row: Invitation.of(row, self.seat), count)

    @strawberry.field(description="Everything that happened, most recent first.")
    async def activity(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[ActivityEvent]:
        page = await activity.events(info.context, timeline.OF_CUSTOMER, self.key, slice_of(first, after))
        count = partial(activity.count_events, info.context, timeline.OF_CUSTOMER, self.key)
        return connection(page, ActivityEvent.of, count)

    @strawberry.field(
        description="The timeline grouped by day in the account's time zone, most recent first. first is the number of days: "
        "30 by default, at most 100.",
        metadata={AHEAD: days_ahead},
    )
    async def activity_by_day(self, info: Info, first: int | None = None) -> list[ActivityDay]:
        days = await activity.days(info.context, self.key, self.seat.account.time_zone, first)
        return [ActivityDay(date=day, events=[ActivityEvent.of(row) for row in rows]) for day, rows in days]


@strawberry.type(description="A count that stops at a bound.")
class Count:
    value: int = strawberry.field(description="The number of rows, or the bound if there are more.")
    exact: bool = strawberry.field(description="Whether value is the exact number.")


@strawberry.type(description="A page of the customer table.")
class CustomerConnection:
    criteria: strawberry.Private[Criteria]
    edges: list[Edge[Customer]] = strawberry.field(description="The rows of this page.")
    page_info: PageInfo = strawberry.field(description="Where this page lies.")

    @strawberry.field(
        description="The number of rows on all pages, counted up to a bound (at most 10000), so that it stays fast in an "
        "account of any size."
    )
    async def total_count(self, info: Info, up_to: int | None = 1000) -> Count:
        found = await customers.count(info.context, self.criteria, 1000 if up_to is None else up_to)
        return Count(value=found.value, exact=found.exact)

    @classmethod
    def of(cls, page: Page[CustomerRow], seat: Seat, criteria: Criteria) -> "CustomerConnection":
        return cls(criteria=criteria, edges=edges(page, lambda row: Customer.of(row, seat)), page_info=page_info(page))


def _convert(row: CustomerRow, context: Context) -> Customer:
    return Customer.of(row, context.seats[row.account_id])


register_node(CustomerRow, _convert)
