"""What a viewer can do, so that a frontend knows before it tries."""

import strawberry

from models.rules.enums import PlanTier, Role
from permissions.capability import Decision, DenialCode, decide
from permissions.policy import POLICY
from permissions.viewer import Seat


@strawberry.type(description="Whether an action is allowed and, if not, why. reason can be shown to the user.")
class Capability:
    allowed: bool = strawberry.field(description="Whether the action is allowed.")
    code: DenialCode | None = strawberry.field(description="Why it is denied, as a stable code.")
    reason: str | None = strawberry.field(description="Why it is denied, as a sentence.")
    required_roles: list[Role] | None = strawberry.field(
        description="The roles that are allowed, if the viewer's role is not."
    )
    required_plans: list[PlanTier] | None = strawberry.field(
        description="The plans that include it, if the account's plan does not."
    )

    @classmethod
    def of(cls, decision: Decision) -> "Capability":
        return cls(
            allowed=decision.allowed,
            code=decision.code,
            reason=decision.reason,
            required_roles=None if decision.required_roles is None else list(decision.required_roles),
            required_plans=None if decision.required_plans is None else list(decision.required_plans),
        )


@strawberry.type(description="What the viewer can do in this account.")
class AccountCapabilities:
    stop_invitation: Capability = strawberry.field(description="Stop invitations.")
    restart_invitation: Capability = strawberry.field(description="Restart invitations.")
    bulk_import: Capability = strawberry.field(description="Import lists.")
    invite_customer: Capability = strawberry.field(description="Invite one customer.")
    record_opt_out: Capability = strawberry.field(description="Record that a customer asked for no more messages.")
    lift_suppression: Capability = strawberry.field(description="See suppressions, and lift those that were a mistake.")
    settle_message: Capability = strawberry.field(description="Settle messages whose outcome is UNKNOWN.")
    preview_message: Capability = strawberry.field(description="Preview the messages of a sequence.")
    send_test_message: Capability = strawberry.field(description="Send themselves a test message.")
    release: Capability = strawberry.field(description="Release held invitations and locations.")
    buy_more: Capability = strawberry.field(description="Buy more invitations.")
    see_total_invited: Capability = strawberry.field(description="See the Total Invited card.")

    @classmethod
    def of(cls, seat: Seat) -> "AccountCapabilities":
        return cls(
            stop_invitation=Capability.of(decide(POLICY["Mutation.stopInvitation"], seat)),
            restart_invitation=Capability.of(decide(POLICY["Mutation.restartInvitation"], seat)),
            bulk_import=Capability.of(decide(POLICY["Mutation.bulkImport"], seat)),
            invite_customer=Capability.of(decide(POLICY["Mutation.inviteCustomer"], seat)),
            record_opt_out=Capability.of(decide(POLICY["Mutation.recordOptOut"], seat)),
            lift_suppression=Capability.of(decide(POLICY["Mutation.liftSuppression"], seat)),
            settle_message=Capability.of(decide(POLICY["Mutation.settleMessage"], seat)),
            preview_message=Capability.of(decide(POLICY["Mutation.previewMessage"], seat)),
            send_test_message=Capability.of(decide(POLICY["Mutation.sendTestMessage"], seat)),
            release=Capability.of(decide(POLICY["Mutation.releaseLocation"], seat)),
            buy_more=Capability.of(decide(POLICY["UsageSummary.buyMoreUrl"], seat)),
            see_total_invited=Capability.of(decide(POLICY["UsageSummary.totalInvited"], seat)),
        )
