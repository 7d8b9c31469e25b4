"""Suppressions, and the mutations that record and lift them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from models.reads.suppression_rows import SuppressionRow
from models.rules import ids
from models.rules.enums import LIFTABLE, Channel, SuppressionReason
from models.rules.shown import shown_email
from resolvers import suppressions
from resolvers.command import RequestId
from schema.connection import Info
from schema.errors import UserError, returns_user_errors, user_errors
from schema.node import node_of

if TYPE_CHECKING:
    from schema.customer import Customer


@strawberry.type(description="An address that the account must not write to.")
class Suppression:
    id: strawberry.ID = strawberry.field(description="Unique across all types.")
    channel: Channel = strawberry.field(description="The channel it concerns.")
    address: str = strawberry.field(description="The address, half hidden. Only a hash of the whole address is kept.")
    reason: SuppressionReason = strawberry.field(description="Why it is suppressed.")
    note: str | None = strawberry.field(description="What the member who recorded it wrote about it.")
    recorded_by: str | None = strawberry.field(description="The member who recorded it first; null if the person did.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")
    liftable: bool = strawberry.field(
        description="Whether it can be lifted, as a mistake. What the person did can't be undone by others."
    )

    @classmethod
    def of(cls, row: SuppressionRow) -> "Suppression":
        return cls(
            id=strawberry.ID(ids.public_id(ids.SUPPRESSION, row.id)),
            channel=row.channel,
            address=shown_email(row.hint),
            reason=row.reason,
            note=row.note,
            recorded_by=row.actor,
            recorded_at=row.created_at,
            liftable=row.reason in LIFTABLE,
        )


@strawberry.input(description="Which customer asked for no more messages.")
class RecordOptOutInput:
    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    channels: list[Channel] | None = strawberry.field(
        default=None, description="The channels they opted out of. Defaults to all that they have an address on."
    )
    note: str | None = strawberry.field(default=None, description="How they said so, up to 200 characters.")
    idempotency_key: str | None = strawberry.field(default=None, description="As in inviteCustomer.")


@strawberry.type(description="The customer as they are now, or the errors to correct.")
class RecordOptOutPayload:
    customer: Annotated["Customer", strawberry.lazy("schema.customer")] | None = strawberry.field(
        default=None, description="The customer as they are now."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.input(description="Which suppression was a mistake, and why.")
class LiftSuppressionInput:
    suppression_id: strawberry.ID = strawberry.field(description="The suppression.")
    reason: str = strawberry.field(description="Why it was a mistake, up to 200 characters. The reason is kept.")
    idempotency_key: str | None = strawberry.field(default=None, description="As in inviteCustomer.")


@strawberry.type(description="The id of the lifted suppression, or the errors to correct.")
class LiftSuppressionPayload:
    lifted_id: strawberry.ID | None = strawberry.field(default=None, description="The id of the lifted suppression.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class SuppressionMutations:
    @strawberry.mutation(
        description="Records that a customer asked for no more messages, in person or by phone. Open invitations to their "
        "addresses end, at all of the account's locations."
    )
    @returns_user_errors(RecordOptOutPayload)
    async def record_opt_out(self, info: Info, input: RecordOptOutInput) -> RecordOptOutPayload | None:
        row = await suppressions.record_opt_out(
            info.context, RequestId.of(input), input.customer_id, input.channels, input.note
        )
        return RecordOptOutPayload(customer=cast("Customer", node_of(row, info.context)))

    @strawberry.mutation(
        description="Lifts a suppression that a member recorded by mistake, so that the address can be invited again once the "
        "cool-down allows. Ended invitations stay ended."
    )
    @returns_user_errors(LiftSuppressionPayload)
    async def lift_suppression(self, info: Info, input: LiftSuppressionInput) -> LiftSuppressionPayload | None:
        await suppressions.lift_suppression(info.context, RequestId.of(input), input.suppression_id, input.reason)
        return LiftSuppressionPayload(lifted_id=input.suppression_id)
