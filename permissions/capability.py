"""The same rules, answered beforehand: whether, and if not, why not, in words that a frontend can show."""

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
    """`code`: the first obstacle. What is no obstacle is None in the others."""

    allowed: bool
    code: DenialCode | None = None
    reason: str | None = None
    required_roles: tuple[Role, ...] | None = None
    required_plans: tuple[PlanTier, ...] | None = None
    required_kinds: tuple[AccountKind, ...] | None = None


YES = Decision(allowed=True)


def title(name: str) -> str:
    return name.replace("_", " ").title()


def words(names: tuple[str, ...], *, joint: str = "or") -> str:
    *rest, last = [title(name) for name in names]
    return f"{', '.join(rest)} {joint} {last}" if rest else last


def roles_of(rule: Rule) -> tuple[Role, ...]:
    return tuple(role for role in Role if role in rule.roles)


def plans_of(rule: Rule) -> tuple[PlanTier, ...]:
    return tuple(plan for plan in PlanTier if plan in rule.plans)


def kinds_of(rule: Rule) -> tuple[AccountKind, ...]:
    return tuple(kind for kind in AccountKind if kind in rule.kinds)


def may(rule: Rule, seat: Seat) -> Decision:
    """Every obstacle is told; role comes before plan, plan before kind of account."""
    role, plan, kind = rule.wrong_role(seat), rule.wrong_plan(seat), rule.wrong_kind(seat)
    if not (role or plan or kind):
        return YES
    reasons = []
    if role:
        reasons.append(f"To {rule.what} takes the role {words(roles_of(rule))}; yours here is {title(seat.role)}.")
    if plan:
        on = title(seat.account.plan)
        reasons.append(f"To {rule.what} takes the plan {words(plans_of(rule))}; this account is on {on}.")
    if kind:
        reasons.append(f"An agency's client cannot {rule.what}; its agency can.")
    return Decision(
        allowed=False,
        code=DenialCode.ROLE if role else DenialCode.PLAN if plan else DenialCode.ACCOUNT_KIND,
        reason=" ".join(reasons),
        required_roles=roles_of(rule) if role else None,
        required_plans=plans_of(rule) if plan else None,
        required_kinds=kinds_of(rule) if kind else None,
    )


def _no(code: DenialCode, reason: str) -> Decision:
    return Decision(False, code, reason)


@cache
def _state_verdict(move: Move, state: InvitationState) -> Decision:
    if state in INVITATION[move].sources:
        return YES
    if move is Move.STOP and state is InvitationState.STOPPED:
        return _no(DenialCode.STATE, "This invitation is stopped already.")
    if move is Move.RESTART and state in INVITATION[Move.STOP].sources:
        return _no(DenialCode.STATE, "This invitation is not stopped.")
    return _no(DenialCode.STATE, "This invitation has ended.")


def can_stop(seat: Seat, state: InvitationState) -> Decision:
    verdict = may(POLICY["Mutation.stopInvitation"], seat)
    return _state_verdict(Move.STOP, state) if verdict.allowed else verdict


def can_restart(seat: Seat, state: InvitationState, *, suppressed: bool) -> Decision:
    verdict = may(POLICY["Mutation.restartInvitation"], seat)
    if not verdict.allowed:
        return verdict
    if state is InvitationState.STOPPED and suppressed:
        return _no(DenialCode.SUPPRESSED, "This person must not be written to any more.")
    return _state_verdict(Move.RESTART, state)
