"""How delivery is going, and the mutations that settle messages and release what is held."""

from datetime import datetime
from enum import StrEnum
from typing import cast

import strawberry

from models.reads.delivery_state import DeliveryState, RelayState
from models.reads.delivery_state import HeldLane as HeldRow
from models.rules.enums import Channel
from permissions.viewer import Seat
from resolvers import deliveries, scope
from resolvers.command import RequestId
from schema.connection import Info
from schema.errors import UserError, returns_user_errors, user_errors
from schema.invitation import Invitation, InvitationMessage
from schema.location import Location
from schema.node import node_of


@strawberry.type(description="Messages of a location that wait for the same reason.")
class HeldLane:
    row: strawberry.Private[HeldRow]
    channel: Channel = strawberry.field(description="The channel of the messages.")
    reason: str = strawberry.field(description="Why they wait, as in Invitation.stateReason.")
    since: datetime = strawberry.field(description="Since when.")
    reply: str | None = strawberry.field(description="The mail relay's reply, if they wait for the relay.")

    @classmethod
    def of(cls, row: HeldRow) -> "HeldLane":
        return cls(row=row, channel=row.channel, reason=row.reason, since=row.since, reply=row.reply)

    @strawberry.field(description="The location.")
    async def location(self, info: Info) -> Location:
        return Location.of(await scope.load(info.context, scope.LOCATION, self.row.location_id))


@strawberry.type(description="How delivery is going, in the locations that the viewer can see.")
class Delivery:
    seat: strawberry.Private[Seat]
    relay: RelayState = strawberry.field(description="Whether the mail relay can be used.")
    relay_reply: str | None = strawberry.field(description="Why the relay can't be used, in its own words.")
    due: int = strawberry.field(description="How many messages are due now; 10,000 stands for any higher number.")
    oldest_due_at: datetime | None = strawberry.field(description="Since when the oldest of them has been due.")
    overdue: int = strawberry.field(
        description="How many invitations are HELD as OVERDUE, until releaseInvitation or releaseLocation; 10,000 stands for any "
        "higher number."
    )
    held: list[HeldLane] = strawberry.field(description="What waits, longest waiting first. At most 100.")

    @classmethod
    def of(cls, state: DeliveryState, seat: Seat) -> "Delivery":
        return cls(
            seat=seat,
            relay=state.relay,
            relay_reply=state.reply,
            due=state.due,
            oldest_due_at=state.oldest_due_at,
            overdue=state.overdue,
            held=[HeldLane.of(row) for row in state.held],
        )

    @strawberry.field(
        description="Messages of which nobody knows whether they were sent, longest ago first; settleMessage settles one. "
        "At most 100."
    )
    async def unknown(self, info: Info) -> list[InvitationMessage]:
        return [InvitationMessage.of(row) for row in await deliveries.unknown(info.context, self.seat)]


@strawberry.enum(
    description="What became of a message. SENT: it was sent. NOT_SENT: it was not, and is due now, unless a later step was sent."
)
class SettledAs(StrEnum):
    SENT = "SENT"
    NOT_SENT = "NOT_SENT"


@strawberry.input(description="Which UNKNOWN message to settle, and how.")
class SettleMessageInput:
    message_id: strawberry.ID = strawberry.field(description="The message.")
    outcome: SettledAs = strawberry.field(description="What became of it.")
    idempotency_key: str | None = strawberry.field(default=None, description="As in inviteCustomer.")


@strawberry.type(description="The message's invitation as it is now, or the errors to correct.")
class SettleMessagePayload:
    invitation: Invitation | None = strawberry.field(default=None, description="The message's invitation as it is now.")
    user_errors: list[UserError] = user_errors()


@strawberry.input(description="Which held invitation to release.")
class ReleaseInvitationInput:
    invitation_id: strawberry.ID = strawberry.field(description="The invitation.")
    idempotency_key: str | None = strawberry.field(default=None, description="As in inviteCustomer.")


@strawberry.type(description="The invitation as it is now, or the errors to correct.")
class ReleaseInvitationPayload:
    invitation: Invitation | None = strawberry.field(default=None, description="The invitation as it is now.")
    user_errors: list[UserError] = user_errors()


@strawberry.input(description="Which location to release.")
class ReleaseLocationInput:
    location_id: strawberry.ID = strawberry.field(description="The location.")
    idempotency_key: str | None = strawberry.field(default=None, description="As in inviteCustomer.")


@strawberry.type(description="The location, or the errors to correct.")
class ReleaseLocationPayload:
    location: Location | None = strawberry.field(default=None, description="The location.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class DeliveryMutations:
    @strawberry.mutation(
        description="Settles an UNKNOWN message, for example after asking the person or reading the relay's log."
    )
    @returns_user_errors(SettleMessagePayload)
    async def settle_message(self, info: Info, input: SettleMessageInput) -> SettleMessagePayload | None:
        sent = input.outcome is SettledAs.SENT
        row = await deliveries.settle_message(info.context, RequestId.of(input), input.message_id, sent=sent)
        return SettleMessagePayload(invitation=cast("Invitation", node_of(row, info.context)))

    @strawberry.mutation(
        description="Releases an invitation that is HELD as OVERDUE. Its next message is due at once, in the send window."
    )
    @returns_user_errors(ReleaseInvitationPayload)
    async def release_invitation(self, info: Info, input: ReleaseInvitationInput) -> ReleaseInvitationPayload | None:
        row = await deliveries.release_invitation(info.context, RequestId.of(input), input.invitation_id)
        return ReleaseInvitationPayload(invitation=cast("Invitation", node_of(row, info.context)))

    @strawberry.mutation(
        description="Releases what a location holds: its OVERDUE invitations, longest held first, at most 500 at a time and as "
        "far as the allowance lasts (Delivery.overdue counts the rest); messages held for BOUNCE_RATE or COMPLAINT_RATE; and those "
        "that wait for the relay, which is tried again at once."
    )
    @returns_user_errors(ReleaseLocationPayload)
    async def release_location(self, info: Info, input: ReleaseLocationInput) -> ReleaseLocationPayload | None:
        row = await deliveries.release_location(info.context, RequestId.of(input), input.location_id)
        return ReleaseLocationPayload(location=Location.of(row))
