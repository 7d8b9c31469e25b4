"""Whether a seat is allowed to do something and, if not, why not, in sentences that a frontend can show."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from models.rules.enums import AccountKind, InvitationState, PlanTier, Role
from models.rules.lifecycle import INVITATION, Move
from permissions.policy import POLICY, Rule
from permissions.viewer import Seat


class DenialCode(StrEnum):
    ROLE = "ROLE"
    PLAN = "PLAN"
    ACCOUNT_KIND = "ACCOUNT_KIND"
    ALLOWANCE = "ALLOWANCE"
    STATE = "STATE"
    SUPPRESSED = "SUPPRESSED"
    COOL_DOWN = "COOL_DOWN"


@dataclass(frozen=True, slots=True)
class Decision:
    """`code` names the first requirement that the seat fails; `required_*` are None if met."""

    allowed: bool
    code: DenialCode | None = None
    reason: str | None = None
    required_roles: tuple[Role, ...] | None = None
    required_plans: tuple[PlanTier, ...] | None = None
    required_kinds: tuple[AccountKind, ...] | None = None


ALLOWED = Decision(allowed=True)


def title(name: str) -> str:
    return name.replace("_", " ").title()


def join_titles(names: tuple[str, ...], *, conjunction: str = "or") -> str:
    *rest, last = [title(name) for name in names]
    return f"{', '.join(rest)} {conjunction} {last}" if rest else last


def roles_of(rule: Rule) -> tuple[Role, ...]:
    return tuple(role for role in Role if role in rule.roles)


def plans_of(rule: Rule) -> tuple[PlanTier, ...]:
    return tuple(plan for plan in PlanTier if plan in rule.plans)


def kinds_of(rule: Rule) -> tuple[AccountKind, ...]:
    return tuple(kind for kind in AccountKind if kind in rule.kinds)


def decide(rule: Rule, seat: Seat) -> Decision:
    """Gives every reason for a denial: role first, then plan, then kind of account."""
    role, plan, kind = rule.wrong_role(seat), rule.wrong_plan(seat), rule.wrong_kind(seat)
    if not (role or plan or kind):
        return ALLOWED
    reasons = []
    if role:
        needed, current = join_titles(roles_of(rule)), title(seat.role)
        reasons.append(f"{rule.action} requires the role {needed}; your role in this account is {current}.")
    if plan:
        needed, current = join_titles(plans_of(rule)), title(seat.account.plan)
        reasons.append(f"{rule.action} requires the plan {needed}; this account is on {current}.")
    if kind:
        reasons.append(f"{rule.action} is reserved for members of this account's agency.")
    return Decision(
        allowed=False,
        code=DenialCode.ROLE if role else DenialCode.PLAN if plan else DenialCode.ACCOUNT_KIND,
        reason=" ".join(reasons),
        required_roles=roles_of(rule) if role else None,
        required_plans=plans_of(rule) if plan else None,
        required_kinds=kinds_of(rule) if kind else None,
    )


def _denied(code: DenialCode, reason: str) -> Decision:
    return Decision(False, code, reason)


@cache
def _decide_by_state(move: Move, state: InvitationState) -> Decision:
    if state in INVITATION[move].sources:
        return ALLOWED
    if move is Move.STOP and state is InvitationState.STOPPED:
        return _denied(DenialCode.STATE, "This invitation is already stopped.")
    if move is Move.RESTART and state in INVITATION[Move.STOP].sources:
        return _denied(DenialCode.STATE, "This invitation is not stopped.")
    return _denied(DenialCode.STATE, "This invitation has ended.")


def can_stop(seat: Seat, state: InvitationState) -> Decision:
    decision = decide(POLICY["Mutation.stopInvitation"], seat)
    return _decide_by_state(Move.STOP, state) if decision.allowed else decision


def can_restart(seat: Seat, state: InvitationState, *, suppressed: bool) -> Decision:
    decision = decide(POLICY["Mutation.restartInvitation"], seat)
    if not decision.allowed:
        return decision
    if state is InvitationState.STOPPED and suppressed:
        return _denied(DenialCode.SUPPRESSED, "This person has opted out and can't be contacted.")
    return _decide_by_state(Move.RESTART, state)
