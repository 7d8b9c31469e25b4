"""What members do with invitations: invite, stop, restart."""

from datetime import datetime

import strawberry

from models.reads.customer_rows import InvitationRow
from models.rules.enums import Channel, StopReason
from models.rules.errors import Refusal
from resolvers import commands
from resolvers.commands import Refused
from resolvers.context import Context
from schema.connection import Info
from schema.customer import Invitation
from schema.errors import UserError, user_errors


@strawberry.input(description="Whom to invite, from where, by which channels.")
class InviteCustomerInput:
    location_id: strawberry.ID = strawberry.field(description="The inviting location.")
    first_name: str | None = strawberry.field(default=None, description="Given name.")
    last_name: str | None = strawberry.field(default=None, description="Family name.")
    email: str | None = strawberry.field(default=None, description="Where e-mail goes.")
    phone: str | None = strawberry.field(default=None, description="With its country, or as dialled in the location's.")
    employee: str | None = strawberry.field(default=None, description="Who served the customer.")
    service: str | None = strawberry.field(default=None, description="What was done for the customer.")
    source: str | None = strawberry.field(
        default=None,
        description='Where the person comes from: a channel or an integration; "Manual entry" when left out.',
    )
    channels: list[Channel] = strawberry.field(description="The channels to use. SMS: not on Free and Free Trial.")
    send_at: datetime | None = strawberry.field(default=None, description="Not before this time.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="The same key with the same input answers as the first time did, for 24 hours."
    )


@strawberry.type(description="The new invitation, or what to mend.")
class InviteCustomerPayload:
    invitation: Invitation | None = strawberry.field(default=None, description="The new invitation.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="What to mend.")


@strawberry.input(description="Which invitation to stop, and why.")
class StopInvitationInput:
    invitation_id: strawberry.ID = strawberry.field(description="The invitation.")
    reason: StopReason | None = strawberry.field(
        default=StopReason.OTHER, description="CUSTOMER_ASKED also suppresses the person."
    )
    idempotency_key: str | None = strawberry.field(default=None, description="As in inviteCustomer.")


@strawberry.type(description="The invitation as it is now, or what to mend.")
class StopInvitationPayload:
    invitation: Invitation | None = strawberry.field(default=None, description="As it is now.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="What to mend.")


@strawberry.input(description="Which invitation to restart.")
class RestartInvitationInput:
    invitation_id: strawberry.ID = strawberry.field(description="The invitation.")
    idempotency_key: str | None = strawberry.field(default=None, description="As in inviteCustomer.")


@strawberry.type(description="The invitation as it is now, or what to mend.")
class RestartInvitationPayload:
    invitation: Invitation | None = strawberry.field(default=None, description="As it is now.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="What to mend.")


def _shown(context: Context, row: InvitationRow) -> Invitation:
    return Invitation.of(row, context.seats[row.account_id])


@strawberry.type
class InvitationMutations:
    @strawberry.mutation(description="Invites one customer.")
    async def invite_customer(self, info: Info, input: InviteCustomerInput) -> InviteCustomerPayload | None:
        try:
            row = await commands.invite_customer(
                info.context,
                location_id=input.location_id,
                first_name=input.first_name,
                last_name=input.last_name,
                email=input.email,
                phone=input.phone,
                employee=input.employee,
                service=input.service,
                source=input.source,
                channels=list(dict.fromkeys(input.channels)),
                send_at=input.send_at,
                key=input.idempotency_key,
            )
        except (Refusal, Refused) as refusal:
            return InviteCustomerPayload(user_errors=user_errors(refusal))
        return InviteCustomerPayload(invitation=_shown(info.context, row))

    @strawberry.mutation(description="Pauses what was not sent yet. Stopping a stopped one changes nothing.")
    async def stop_invitation(self, info: Info, input: StopInvitationInput) -> StopInvitationPayload | None:
        try:
            reason = input.reason or StopReason.OTHER
            row = await commands.stop_invitation(info.context, input.invitation_id, reason, input.idempotency_key)
        except (Refusal, Refused) as refusal:
            return StopInvitationPayload(user_errors=user_errors(refusal))
        return StopInvitationPayload(invitation=_shown(info.context, row))

    @strawberry.mutation(description="Goes on at the first step not sent; a step that was sent is never sent again.")
    async def restart_invitation(self, info: Info, input: RestartInvitationInput) -> RestartInvitationPayload | None:
        try:
            row = await commands.restart_invitation(info.context, input.invitation_id, input.idempotency_key)
        except (Refusal, Refused) as refusal:
            return RestartInvitationPayload(user_errors=user_errors(refusal))
        return RestartInvitationPayload(invitation=_shown(info.context, row))
