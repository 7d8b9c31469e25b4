"""The same rules, answered beforehand: whether, and if not, why not, in words that a frontend can show."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from models.enums import InvitationState, PlanTier, Role
from models.lifecycle import INVITATION, Move
from permissions.policy import RESTART, STOP, Rule
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
class Verdict:
    allowed: bool
    code: DenialCode | None = None
    reason: str | None = None
    required_roles: tuple[Role, ...] | None = None
    required_plans: tuple[PlanTier, ...] | None = None


YES = Verdict(allowed=True)


def _no(code: DenialCode, reason: str) -> Verdict:
    return Verdict(False, code, reason)


def _title(name: str) -> str:
    return name.replace("_", " ").title()


def _words(names: list[str]) -> str:
    *rest, last = [_title(name) for name in names]
    return f"{', '.join(rest)} or {last}" if rest else last


def may(rule: Rule, seat: Seat) -> Verdict:
    """By role first, then plan, then kind of account."""
    if rule.wrong_role(seat):
        roles = tuple(role for role in Role if role in rule.roles)
        reason = f"To {rule.what} takes the role {_words(list(roles))}; yours here is {_title(seat.role)}."
        return Verdict(False, DenialCode.ROLE, reason, required_roles=roles)
    if rule.wrong_plan(seat):
        plans = tuple(plan for plan in PlanTier if plan in rule.plans)
        reason = f"To {rule.what} takes the plan {_words(list(plans))}; this one is on {_title(seat.account.plan)}."
        return Verdict(False, DenialCode.PLAN, reason, required_plans=plans)
    if rule.wrong_kind(seat):
        return _no(DenialCode.ACCOUNT_KIND, f"An agency's client cannot {rule.what}; its agency can.")
    return YES


@cache
def _state_verdict(move: Move, state: InvitationState) -> Verdict:
    if state in INVITATION[move].sources:
        return YES
    if move is Move.STOP and state is InvitationState.STOPPED:
        return _no(DenialCode.STATE, "This invitation is stopped already.")
    if move is Move.RESTART and state in INVITATION[Move.STOP].sources:
        return _no(DenialCode.STATE, "This invitation is not stopped.")
    return _no(DenialCode.STATE, "This invitation has ended.")


def can_stop(seat: Seat, state: InvitationState) -> Verdict:
    verdict = may(STOP, seat)
    return _state_verdict(Move.STOP, state) if verdict.allowed else verdict


def can_restart(seat: Seat, state: InvitationState, *, suppressed: bool) -> Verdict:
    verdict = may(RESTART, seat)
    if not verdict.allowed:
        return verdict
    if state is InvitationState.STOPPED and suppressed:
        return _no(DenialCode.SUPPRESSED, "This person must not be written to any more.")
    return _state_verdict(Move.RESTART, state)
