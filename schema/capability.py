"""What a viewer may do, told beforehand."""

import strawberry

from models.rules.enums import PlanTier, Role
from permissions.capability import Decision, DenialCode, may
from permissions.policy import POLICY
from permissions.viewer import Seat


@strawberry.type(description="Whether something is allowed; if not, why, in words that a frontend can show.")
class Capability:
    allowed: bool = strawberry.field(description="Whether it may be done.")
    code: DenialCode | None = strawberry.field(description="Why not, as a code.")
    reason: str | None = strawberry.field(description="Why not, in words.")
    required_roles: list[Role] | None = strawberry.field(
        description="The roles that may, where the role is the obstacle."
    )
    required_plans: list[PlanTier] | None = strawberry.field(
        description="The plans that may, where the plan is the obstacle."
    )

    @classmethod
    def of(cls, verdict: Decision) -> "Capability":
        return cls(
            allowed=verdict.allowed,
            code=verdict.code,
            reason=verdict.reason,
            required_roles=None if verdict.required_roles is None else list(verdict.required_roles),
            required_plans=None if verdict.required_plans is None else list(verdict.required_plans),
        )


@strawberry.type(description="What this viewer may do in this account.")
class AccountCapabilities:
    stop_invitation: Capability = strawberry.field(description="Stop invitations.")
    restart_invitation: Capability = strawberry.field(description="Restart invitations.")
    bulk_import: Capability = strawberry.field(description="Import lists.")
    invite_customer: Capability = strawberry.field(description="Invite one customer.")
    buy_more: Capability = strawberry.field(description="Buy a boost.")
    see_total_invited: Capability = strawberry.field(description="See the card Total Invited.")

    @classmethod
    def of(cls, seat: Seat) -> "AccountCapabilities":
        return cls(
            stop_invitation=Capability.of(may(POLICY["Mutation.stopInvitation"], seat)),
            restart_invitation=Capability.of(may(POLICY["Mutation.restartInvitation"], seat)),
            bulk_import=Capability.of(may(POLICY["Mutation.bulkImport"], seat)),
            invite_customer=Capability.of(may(POLICY["Mutation.inviteCustomer"], seat)),
            buy_more=Capability.of(may(POLICY["UsageSummary.buyMoreUrl"], seat)),
            see_total_invited=Capability.of(may(POLICY["UsageSummary.totalInvited"], seat)),
        )
