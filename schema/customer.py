"""Customers and their invitations: the table's rows, and what hangs on them; they refer to each other."""

from datetime import datetime
from uuid import UUID

import strawberry

from models.reads import customer_search, timeline
from models.reads.customer_rows import CustomerRow, InvitationRow
from models.reads.customer_search import Criteria, Order
from models.reads.timeline import MessageRow
from models.rules import ids
from models.rules.enums import Channel, CustomerOrderField, InvitationState
from permissions.capability import can_restart, can_stop
from permissions.viewer import Seat
from resolvers import customers, progress
from resolvers.cursors import slice_of
from resolvers.pages import Page
from schema.activity import ActivityDay, ActivityEvent, ActivityEventConnection
from schema.bulk_import import BulkImport
from schema.capability import Capability
from schema.connection import Info, Node, PageInfo, edges, page_info
from schema.enums import MessageState, OrderDirection
from schema.location import Location
from schema.review import LinkedReview


@strawberry.type(description="One step on one channel; sent at most once.")
class InvitationMessage:
    id: strawberry.ID = strawberry.field(description="Unique across all types.")
    step: int = strawberry.field(description="Which step of the sequence, from 1.")
    channel: Channel = strawberry.field(description="How it travels.")
    state: MessageState = strawberry.field(description="How far it has come.")
    due_at: datetime = strawberry.field(description="When it is to go, or was.")
    sent_at: datetime | None = strawberry.field(description="When a transport took it.")

    @classmethod
    def of(cls, row: MessageRow) -> "InvitationMessage":
        return cls(
            id=strawberry.ID(ids.public_id(ids.MESSAGE, row.id)),
            step=row.step,
            channel=row.channel,
            state=MessageState(row.state),
            due_at=row.due_at,
            sent_at=row.sent_at,
        )


@strawberry.type(description="One run of a sequence for one customer.")
class Invitation(Node):
    account_id: strawberry.Private[UUID]
    key: strawberry.Private[UUID]
    customer_key: strawberry.Private[UUID]
    import_key: strawberry.Private[UUID | None]
    state: InvitationState = strawberry.field(description="How it stands.")
    state_reason: str | None = strawberry.field(description="Why it is in this state, as a code that stays the same.")
    state_changed_at: datetime = strawberry.field(description="When it came to this state.")
    channels: list[Channel] = strawberry.field(description="The channels it uses.")
    invited_on: datetime = strawberry.field(
        description="When the first message was sent; before that, when the invitation was taken in."
    )
    employee: str | None = strawberry.field(description="Who served the customer.")
    service: str | None = strawberry.field(description="What was done for the customer.")
    source: str = strawberry.field(description="Where the person comes from.")
    import_name: str | None = strawberry.field(description="The name of the list it came with.")
    next_message_at: datetime | None = strawberry.field(description="When the next message is due.")
    can_stop: Capability = strawberry.field(description="Whether there is something to stop.")
    can_restart: Capability = strawberry.field(description="Whether it can be restarted.")

    @classmethod
    def of(cls, row: InvitationRow, seat: Seat) -> "Invitation":
        return cls(
            id=strawberry.ID(ids.public_id(ids.INVITATION, row.id)),
            account_id=row.account_id,
            key=row.id,
            customer_key=row.customer_id,
            import_key=row.bulk_import_id,
            state=row.state,
            state_reason=row.state_reason,
            state_changed_at=row.state_changed_at,
            channels=row.channels,
            invited_on=row.invited_on,
            employee=row.employee,
            service=row.service,
            source=row.source,
            import_name=row.import_name,
            next_message_at=row.next_message_at,
            can_stop=Capability.of(can_stop(seat, row.state)),
            can_restart=Capability.of(can_restart(seat, row.state, suppressed=row.suppressed)),
        )

    @strawberry.field(description="Whom it invites.")
    async def customer(self, info: Info) -> "Customer":
        row = await customers.of_invitation(info.context, self.customer_key)
        return Customer.of(row, info.context.seats[self.account_id])

    @strawberry.field(description="The bulk import it came with.")
    async def bulk_import(self, info: Info) -> BulkImport | None:
        if self.import_key is None:
            return None
        row = await progress.of_invitation(info.context, self.import_key)
        return BulkImport.of(row, info.context.now)

    @strawberry.field(description="Messages sent and to come, in the order of their steps.")
    async def messages(self, info: Info) -> list[InvitationMessage]:
        return [InvitationMessage.of(row) for row in await customers.messages(info.context, self.key)]

    @strawberry.field(description="What happened with this invitation, the most recent first.")
    async def activity(self, info: Info, first: int | None = None, after: str | None = None) -> ActivityEventConnection:
        page = await customers.events(info.context, timeline.OF_INVITATION, self.key, slice_of(first, after))
        return ActivityEventConnection.of(page, timeline.OF_INVITATION, self.key)


@strawberry.type(description="An invitation at its place in the list.")
class InvitationEdge:
    cursor: str = strawberry.field(description="Where to go on.")
    node: Invitation = strawberry.field(description="The invitation.")


@strawberry.type(description="A customer's invitations, the latest first.")
class InvitationConnection:
    key: strawberry.Private[UUID]
    edges: list[InvitationEdge] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")

    @strawberry.field(description="How many there are.")
    async def total_count(self, info: Info) -> int:
        return await customers.number_of_invitations(info.context, self.key)

    @classmethod
    def of(cls, page: Page[InvitationRow], seat: Seat, key: UUID) -> "InvitationConnection":
        made = edges(page, lambda cursor, row: InvitationEdge(cursor=cursor, node=Invitation.of(row, seat)))
        return cls(key=key, edges=made, page_info=page_info(page))


@strawberry.input(description="What narrows the table; everything given must hold.")
class CustomerFilter:
    location_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Of these locations.")
    invitation_states: list[InvitationState] | None = strawberry.field(
        default=None, description="Whose latest invitation is in one of these states."
    )
    sources: list[str] | None = strawberry.field(default=None, description="From one of these sources.")
    bulk_import_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose latest invitation came with this bulk import."
    )
    invited_since: datetime | None = strawberry.field(default=None, description="Invited then or later.")
    invited_until: datetime | None = strawberry.field(default=None, description="Invited before then.")
    has_review: bool | None = strawberry.field(default=None, description="With, or without, a linked review.")
    nps_at_least: int | None = strawberry.field(default=None, description="Who gave this score or a higher one.")
    nps_at_most: int | None = strawberry.field(default=None, description="Who gave this score or a lower one.")

    def criteria(self, account_id: UUID, search: str | None) -> Criteria:
        imported = ids.parse_id(ids.BULK_IMPORT, self.bulk_import_id) if self.bulk_import_id else None
        nowhere = self.bulk_import_id is not None and imported is None
        return Criteria(
            account_id=account_id,
            search=search,
            states=() if nowhere else None if self.invitation_states is None else tuple(self.invitation_states),
            sources=None if self.sources is None else tuple(self.sources),
            bulk_import_id=imported,
            invited_since=self.invited_since,
            invited_until=self.invited_until,
            has_review=self.has_review,
            nps_at_least=self.nps_at_least,
            nps_at_most=self.nps_at_most,
        )


@strawberry.input(description="By what the table is ordered; nulls stand last, either way.")
class CustomerOrder:
    field: CustomerOrderField = strawberry.field(description="By which column.")
    direction: OrderDirection = strawberry.field(description="Which way.")

    @property
    def order(self) -> Order:
        return Order(self.field, self.direction is OrderDirection.DESC)


@strawberry.type(description="One row of the table: somebody who has been invited.")
class Customer(Node):
    account_id: strawberry.Private[UUID]
    key: strawberry.Private[UUID]
    seat: strawberry.Private[Seat]
    location: Location = strawberry.field(description="The location that invited.")
    first_name: str | None = strawberry.field(description="Given name.")
    last_name: str | None = strawberry.field(description="Family name.")
    email: str | None = strawberry.field(description="Where e-mail goes.")
    phone: str | None = strawberry.field(description="In E.164.")
    source: str = strawberry.field(description="Where the latest invitation came from.")
    invited_on: datetime = strawberry.field(description="When the latest invitation was sent; before that, taken in.")
    nps_score: int | None = strawberry.field(description="The latest score, 0 to 10; null without an answer.")
    rating: float | None = strawberry.field(description="Stars of the latest linked review; null without one.")
    invitation: Invitation = strawberry.field(description="The latest invitation, with its history.")
    linked_review: LinkedReview | None = strawberry.field(description="The latest review matched to this customer.")

    @classmethod
    def of(cls, row: CustomerRow, seat: Seat) -> "Customer":
        return cls(
            id=strawberry.ID(ids.public_id(ids.CUSTOMER, row.id)),
            account_id=row.account_id,
            key=row.id,
            seat=seat,
            location=Location.of(row.location),
            first_name=row.first_name,
            last_name=row.last_name,
            email=row.email,
            phone=row.phone,
            source=row.source,
            invited_on=row.invited_on,
            nps_score=row.nps_score,
            rating=row.rating,
            invitation=Invitation.of(row.invitation, seat),
            linked_review=LinkedReview.of(row.review) if row.review else None,
        )

    @strawberry.field(description="All invitations, the latest first.")
    async def invitations(self, info: Info, first: int | None = None, after: str | None = None) -> InvitationConnection:
        page = await customers.invitations(info.context, self.key, slice_of(first, after))
        return InvitationConnection.of(page, self.seat, self.key)

    @strawberry.field(description="Everything that happened, the most recent first.")
    async def activity(self, info: Info, first: int | None = None, after: str | None = None) -> ActivityEventConnection:
        page = await customers.events(info.context, timeline.OF_CUSTOMER, self.key, slice_of(first, after))
        return ActivityEventConnection.of(page, timeline.OF_CUSTOMER, self.key)

    @strawberry.field(
        description="The timeline: days in the account's time zone, the most recent first, and so within a day. "
        "first counts days: 30 when left out, 100 at most."
    )
    async def activity_by_day(self, info: Info, first: int | None = None) -> list[ActivityDay]:
        days = await customers.days(info.context, self.key, self.seat.account.time_zone, first)
        return [ActivityDay(date=day, events=[ActivityEvent.of(row) for row in rows]) for day, rows in days]


@strawberry.type(description="A customer at its place in the table.")
class CustomerEdge:
    cursor: str = strawberry.field(description="Where to go on.")
    node: Customer = strawberry.field(description="The customer.")


@strawberry.type(description="A number, and whether it was counted to its end.")
class Count:
    value: int = strawberry.field(description="How many; the bound, where there are more.")
    exact: bool = strawberry.field(description="Whether there are no more than that.")


@strawberry.type(description="A page of the customer table.")
class CustomerConnection:
    asked: strawberry.Private[Criteria]
    edges: list[CustomerEdge] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")

    @strawberry.field(
        description="Counted up to a bound (10000 at most), so that it stays quick in an account of any size."
    )
    async def total_count(self, info: Info, up_to: int | None = 1000) -> Count:
        found: customer_search.BoundedCount = await customers.count(
            info.context, self.asked, 1000 if up_to is None else up_to
        )
        return Count(value=found.value, exact=found.exact)

    @classmethod
    def of(cls, page: Page[CustomerRow], seat: Seat, asked: Criteria) -> "CustomerConnection":
        made = edges(page, lambda cursor, row: CustomerEdge(cursor=cursor, node=Customer.of(row, seat)))
        return cls(asked=asked, edges=made, page_info=page_info(page))
