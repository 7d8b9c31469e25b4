"""Invitations, and the mutations that invite, stop and restart."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from models.reads import timeline
from models.reads.customer_rows import InvitationRow, shown_state
from models.reads.message_rows import MessageRow
from models.reads.records import Column, Record, member_of
from models.rules import ids
from models.rules.enums import Channel, InvitationState, StopReason
from permissions.capability import Decision, can_restart, can_stop
from permissions.viewer import Seat
from resolvers import activity, invitations, scope
from resolvers.command import RequestId
from resolvers.context import Context
from resolvers.cursors import slice_of
from schema.activity import ActivityEvent
from schema.bulk_import import BulkImport
from schema.capability import Capability
from schema.connection import Connection, Info, connection
from schema.enums import MessageState
from schema.errors import UserError, returns_user_errors, user_errors
from schema.node import Node, node_of, register_node
from schema.rows import of_record, view_of

if TYPE_CHECKING:
    from schema.customer import Customer


@of_record(
    MessageRow,
    id=Column("m_id", by=ids.writer_of(ids.MESSAGE)),
    state=Column("m_state", by=member_of(MessageState)),
)
@strawberry.type(description="One step on one channel; sent at most once.")
class InvitationMessage:
    record: strawberry.Private[Record]
    id: strawberry.ID = strawberry.field(description="Unique across all types.")
    step: int = strawberry.field(description="The step of the sequence, from 1.")
    channel: Channel = strawberry.field(description="The channel it is sent on.")
    state: MessageState = strawberry.field(description="Its delivery state.")
    due_at: datetime = strawberry.field(description="When it is, or was, due.")
    sent_at: datetime | None = strawberry.field(description="When a transport accepted it.")
    reply: str | None = strawberry.field(description="The transport's last reply about it.")

    @classmethod
    def of(cls, row: MessageRow) -> "InvitationMessage":
        return view_of(cls, row.record)

    @strawberry.field(description="The invitation that it belongs to.")
    async def invitation(self, info: Info) -> "Invitation":
        key = MessageRow(self.record).invitation_id
        return _convert(await scope.load(info.context, scope.INVITATION, key), info.context)


def _capability(
    decide: Callable[..., Decision], seat: Seat, stored: str, held_by: str | None, *more: bool
) -> Capability:
    """What a rule decides for this seat, the invitation's state, and what else the rule takes; decided once for everything that it
    depends on, since pages show many."""
    key = decide, stored, held_by is None, *more
    if key not in seat.known:
        seat.known[key] = _decided(decide, seat, shown_state(stored, held_by), *more)
    capability: Capability = seat.known[key]
    return capability


_MAX_KNOWN = 10_000
_known: dict[tuple[object, ...], Capability] = {}


def _decided(decide: Callable[..., Decision], seat: Seat, state: InvitationState, *more: bool) -> Capability:
    account = seat.account
    key = decide, seat.role, seat.via, account.kind, account.plan, account.facts, state, *more
    if key not in _known:
        if len(_known) >= _MAX_KNOWN:
            _known.clear()
        _known[key] = Capability.of(decide(seat, state, *more))
    return _known[key]


def _can_restart(seat: Seat, state: InvitationState, suppressed: bool) -> Decision:
    return can_restart(seat, state, suppressed=suppressed)


@of_record(
    InvitationRow,
    id=Column("i_id", by=ids.writer_of(ids.INVITATION)),
    can_stop=Column("i_state", "n_held_by", by=partial(_capability, can_stop), of_seat=True),
    can_restart=Column("i_state", "n_held_by", "i_suppressed", by=partial(_capability, _can_restart), of_seat=True),
)
@strawberry.type(description="One run of a sequence for one customer.")
class Invitation(Node):
    record: strawberry.Private[Record]
    seat: strawberry.Private[Seat]
    account_id, key = InvitationRow.account_id, InvitationRow.id
    state: InvitationState = strawberry.field(description="Its current state.")
    state_reason: str | None = strawberry.field(description="Why it is in this state, as a stable code.")
    state_detail: str | None = strawberry.field(description="The mail relay's reply, if it waits for the relay.")
    state_changed_at: datetime = strawberry.field(description="When it entered this state.")
    channels: list[Channel] = strawberry.field(description="The channels it uses.")
    invited_on: datetime = strawberry.field(
        description="When the first message was sent; before that, when the invitation was created."
    )
    employee: str | None = strawberry.field(description="The employee who served the customer.")
    service: str | None = strawberry.field(description="The service the customer received.")
    source: str = strawberry.field(description="Where the customer came from.")
    import_name: str | None = strawberry.field(description="The name of the imported list it belongs to.")
    next_message_at: datetime | None = strawberry.field(description="When the next message is due.")
    can_stop: Capability = strawberry.field(description="Whether the viewer can stop it now.")
    can_restart: Capability = strawberry.field(description="Whether the viewer can restart it now.")

    @classmethod
    def of(cls, row: InvitationRow, seat: Seat) -> "Invitation":
        return view_of(cls, row.record, seat)

    @strawberry.field(description="The invited customer.")
    async def customer(self, info: Info) -> Annotated["Customer", strawberry.lazy("schema.customer")]:
        row = await scope.load(info.context, scope.CUSTOMER, InvitationRow(self.record).customer_id)
        return cast("Customer", node_of(row, info.context))

    @strawberry.field(description="The bulk import that created it.")
    async def bulk_import(self, info: Info) -> BulkImport | None:
        key = InvitationRow(self.record).bulk_import_id
        if key is None:
            return None
        return BulkImport.of(await scope.load(info.context, scope.BULK_IMPORT, key), info.context.now)

    @strawberry.field(description="Its messages, sent and scheduled, in the order of their steps.")
    async def messages(self, info: Info) -> list[InvitationMessage]:
        return [InvitationMessage.of(row) for row in await invitations.messages(info.context, self.key)]

    @strawberry.field(description="What happened with this invitation, most recent first.")
    async def activity(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[ActivityEvent]:
        page = await activity.events(info.context, timeline.OF_INVITATION, self.key, slice_of(first, after))
        count = partial(activity.count_events, info.context, timeline.OF_INVITATION, self.key)
        return connection(page, ActivityEvent.of, count)


def _convert(row: InvitationRow, context: Context) -> Invitation:
    return Invitation.of(row, context.seats[row.account_id])


register_node(InvitationRow, _convert)


@strawberry.input(description="Who to invite, from which location, on which channels.")
class InviteCustomerInput:
    location_id: strawberry.ID = strawberry.field(description="The inviting location.")
    first_name: str | None = strawberry.field(default=None, description="Given name.")
    last_name: str | None = strawberry.field(default=None, description="Family name.")
    email: str | None = strawberry.field(default=None, description="E-mail address.")
    phone: str | None = strawberry.field(
        default=None, description="Phone number, with its country code or as dialed in the location's country."
    )
    employee: str | None = strawberry.field(default=None, description="The employee who served the customer.")
    service: str | None = strawberry.field(default=None, description="The service the customer received.")
    source: str | None = strawberry.field(
        default=None,
        description='Where the customer came from: a channel or an integration. Defaults to "Manual entry".',
    )
    channels: list[Channel] = strawberry.field(description="The channels to use. SMS requires a plan that includes it.")
    send_at: datetime | None = strawberry.field(default=None, description="Do not send before this time.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="Within 24 hours, the same key with the same input returns the first answer."
    )


@strawberry.type(description="The new invitation, or the errors to correct.")
class InviteCustomerPayload:
    invitation: Invitation | None = strawberry.field(default=None, description="The new invitation.")
    user_errors: list[UserError] = user_errors()


@strawberry.input(description="Which invitation to stop, and why.")
class StopInvitationInput:
    invitation_id: strawberry.ID = strawberry.field(description="The invitation.")
    reason: StopReason | None = strawberry.field(
        default=StopReason.OTHER,
        description="CUSTOMER_ASKED also suppresses the customer, whatever state the invitation is in, and becomes the reason of "
        "one that is stopped already.",
    )
    idempotency_key: str | None = strawberry.field(default=None, description="As in inviteCustomer.")


@strawberry.type(description="The invitation as it is now, or the errors to correct.")
class StopInvitationPayload:
    invitation: Invitation | None = strawberry.field(default=None, description="The invitation as it is now.")
    user_errors: list[UserError] = user_errors()


@strawberry.input(description="Which invitation to restart.")
class RestartInvitationInput:
    invitation_id: strawberry.ID = strawberry.field(description="The invitation.")
    idempotency_key: str | None = strawberry.field(default=None, description="As in inviteCustomer.")


@strawberry.type(description="The invitation as it is now, or the errors to correct.")
class RestartInvitationPayload:
    invitation: Invitation | None = strawberry.field(default=None, description="The invitation as it is now.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class InvitationMutations:
    @strawberry.mutation(description="Invites one customer.")
    @returns_user_errors(InviteCustomerPayload)
    async def invite_customer(self, info: Info, input: InviteCustomerInput) -> InviteCustomerPayload | None:
        row = await invitations.invite_customer(
            info.context,
            RequestId.of(input),
            location_id=input.location_id,
            first_name=input.first_name,
            last_name=input.last_name,
            email=input.email,
            phone=input.phone,
            employee=input.employee,
            service=input.service,
            source=input.source,
            channels=input.channels,
            send_at=input.send_at,
        )
        return InviteCustomerPayload(invitation=_convert(row, info.context))

    @strawberry.mutation(description="Pauses all unsent messages. Stopping a stopped invitation changes nothing.")
    @returns_user_errors(StopInvitationPayload)
    async def stop_invitation(self, info: Info, input: StopInvitationInput) -> StopInvitationPayload | None:
        reason = input.reason or StopReason.OTHER
        row = await invitations.stop_invitation(info.context, RequestId.of(input), input.invitation_id, reason)
        return StopInvitationPayload(invitation=_convert(row, info.context))

    @strawberry.mutation(description="Continues at the first unsent step. A step that was sent is never sent again.")
    @returns_user_errors(RestartInvitationPayload)
    async def restart_invitation(self, info: Info, input: RestartInvitationInput) -> RestartInvitationPayload | None:
        row = await invitations.restart_invitation(info.context, RequestId.of(input), input.invitation_id)
        return RestartInvitationPayload(invitation=_convert(row, info.context))
