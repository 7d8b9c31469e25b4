"""Who may see and do what: coordinate by coordinate, as data. Directive, answers, `can` and tests come from here."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.enums import AccountKind, PlanTier, Role
from models.plan import PLANS
from permissions.viewer import Seat, Via

_ALL_ROLES, _ALL_PLANS, _ALL_KINDS = frozenset(Role), frozenset(PlanTier), frozenset(AccountKind)
_WORKING = frozenset({Role.OWNER, Role.ADMIN, Role.MANAGER})
_BILLING = frozenset({Role.OWNER, Role.ADMIN})
_IMPORTING = frozenset(plan for plan, facts in PLANS.items() if facts.bulk_import)
_BOOSTING = frozenset(plan for plan, facts in PLANS.items() if facts.boosts)
_CARD_KINDS = frozenset({AccountKind.BUSINESS, AccountKind.AGENCY})


@dataclass(frozen=True, slots=True)
class Rule:
    """Roles, plans and kinds of account that may. A seat through the agency is not held to the kinds.

    `hidden`: for all others null without an error. `what`: what is allowed, to go on with "may not".
    """

    what: str
    roles: frozenset[Role] = _ALL_ROLES
    plans: frozenset[PlanTier] = _ALL_PLANS
    kinds: frozenset[AccountKind] = _ALL_KINDS
    hidden: bool = False

    def wrong_role(self, seat: Seat) -> bool:
        return seat.role not in self.roles

    def wrong_plan(self, seat: Seat) -> bool:
        return seat.account.plan not in self.plans

    def wrong_kind(self, seat: Seat) -> bool:
        return seat.via is not Via.AGENCY and seat.account.kind not in self.kinds

    def admits(self, seat: Seat | None) -> bool:
        """An account that nobody looked up has no seat, and admits nobody."""
        if seat is None:
            return False
        return not (self.wrong_role(seat) or self.wrong_plan(seat) or self.wrong_kind(seat))


STOP = Rule("stop an invitation", roles=_WORKING)
RESTART = Rule("restart an invitation", roles=_WORKING)
INVITE = Rule("invite a customer", roles=_WORKING)
IMPORT = Rule("import lists", roles=_WORKING, plans=_IMPORTING)
SEE_IMPORTS = Rule("see bulk imports", roles=_WORKING)
SEE_CARD = Rule("see the whole account's usage", kinds=_CARD_KINDS, hidden=True)
BUY_MORE = Rule("buy a boost", roles=_BILLING, plans=_BOOSTING, kinds=_CARD_KINDS, hidden=True)
RECORD_REVIEW = Rule("record reviews", roles=_BILLING)

POLICY: Mapping[str, Rule] = {
    "Mutation.stopInvitation": STOP,
    "Mutation.restartInvitation": RESTART,
    "Mutation.inviteCustomer": INVITE,
    "Mutation.bulkImport": IMPORT,
    "Mutation.recordReview": RECORD_REVIEW,
    "Subscription.importProgress": SEE_IMPORTS,
    "Account.bulkImports": SEE_IMPORTS,
    "Account.bulkImport": SEE_IMPORTS,
    "Invitation.bulkImport": SEE_IMPORTS,
    "BulkImport": SEE_IMPORTS,
    "UsageSummary.totalInvited": SEE_CARD,
    "UsageSummary.allowance": SEE_CARD,
    "UsageSummary.reserved": SEE_CARD,
    "UsageSummary.remaining": SEE_CARD,
    "UsageSummary.buyMoreUrl": BUY_MORE,
}
"""A field's coordinate, or a type's name where node() reaches it. What is not here is open to all within the scope."""
