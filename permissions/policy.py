"""Who may see and do what: coordinate by coordinate, as data. Directive, answers, `can`, documents and tests come from here.

A coordinate is `Type.field`; a type's name stands for a type that is guarded as a whole, wherever it is reached; an
enum's value (`Channel.SMS`) for an exception from what arguments and inputs inherit of their field.
"""

from collections.abc import Collection
from dataclasses import dataclass

from models.rules.enums import AccountKind, PlanTier, Role
from models.rules.plan import PLANS
from permissions.viewer import Seat, Via

_ALL_ROLES, _ALL_KINDS = frozenset(Role), frozenset(AccountKind)
_WORKING = frozenset({Role.OWNER, Role.ADMIN, Role.MANAGER})
_BILLING = frozenset({Role.OWNER, Role.ADMIN})
_CARD_KINDS = frozenset({AccountKind.BUSINESS, AccountKind.AGENCY})


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may: roles, what the plan must grant, kinds of account. A seat through the agency is not held to the kinds.

    `what`: what is allowed, to go on with "may not". `grant`: a figure of the plan that must be true, so that an account
    with an override of it is held to that. `hidden`: for all others null without an error.
    """

    what: str
    roles: frozenset[Role] = _ALL_ROLES
    grant: str | None = None
    kinds: frozenset[AccountKind] = _ALL_KINDS
    hidden: bool = False

    @property
    def plans(self) -> frozenset[PlanTier]:
        """Those that grant it as they are sold."""
        return frozenset(plan for plan, facts in PLANS.items() if self.grant is None or getattr(facts, self.grant))

    def wrong_role(self, seat: Seat) -> bool:
        return seat.role not in self.roles

    def wrong_plan(self, seat: Seat) -> bool:
        return self.grant is not None and not getattr(seat.account.facts, self.grant)

    def wrong_kind(self, seat: Seat) -> bool:
        return seat.via is not Via.AGENCY and seat.account.kind not in self.kinds

    def admits(self, seat: Seat | None) -> bool:
        """An account that nobody looked up has no seat, and admits nobody."""
        if seat is None:
            return False
        return not (self.wrong_role(seat) or self.wrong_plan(seat) or self.wrong_kind(seat))


_SEE_IMPORTS = Rule("see bulk imports", roles=_WORKING)
_SEE_CARD = Rule("see the whole account's usage", kinds=_CARD_KINDS, hidden=True)

POLICY: dict[str, Rule] = {
    "Mutation.stopInvitation": Rule("stop an invitation", roles=_WORKING),
    "Mutation.restartInvitation": Rule("restart an invitation", roles=_WORKING),
    "Mutation.inviteCustomer": Rule("invite a customer", roles=_WORKING),
    "Mutation.bulkImport": Rule("import lists", roles=_WORKING, grant="bulk_import"),
    "Mutation.recordReview": Rule("record reviews", roles=_BILLING),
    "Subscription.importProgress": _SEE_IMPORTS,
    "Account.bulkImports": _SEE_IMPORTS,
    "Account.bulkImport": _SEE_IMPORTS,
    "Invitation.bulkImport": _SEE_IMPORTS,
    "BulkImport": _SEE_IMPORTS,
    "UsageSummary.totalInvited": _SEE_CARD,
    "UsageSummary.allowance": _SEE_CARD,
    "UsageSummary.reserved": _SEE_CARD,
    "UsageSummary.remaining": _SEE_CARD,
    "UsageSummary.buyMoreUrl": Rule("buy a boost", roles=_BILLING, grant="boosts", kinds=_CARD_KINDS, hidden=True),
}

EXCEPTIONS: dict[str, Rule] = {
    "Channel.SMS": Rule("send by SMS", grant="sms"),
}
"""What of an argument or input is held to more than its field is, by `permissions.access.require_channels`; refused as
a userError, CHANNEL_NOT_IN_PLAN."""

OPEN: dict[str, str] = {
    "Query": "viewer node nodes account agency",
    "Viewer": "id name email memberships",
    "Membership": "account role",
    "Account": "id name kind plan timeZone can usage locations location customers customer funnel",
    "UsageSummary": "invitedThisCycle locationAllowance cycleStartsOn resetsOn",
    "Location": "id name timeZone platforms",
    "ReviewPlatform": "key name url",
    "Customer": "id location firstName lastName email phone source invitedOn npsScore rating invitation invitations "
    "linkedReview activity activityByDay",
    "Invitation": "id customer state stateReason stateChangedAt channels invitedOn employee service source importName "
    "messages nextMessageAt canStop canRestart activity",
    "InvitationMessage": "id step channel state dueAt sentAt",
    "ActivityDay": "date events",
    "ActivityEvent": "id kind occurredAt channel platform npsScore feedback actor actorKind",
    "LinkedReview": "id reviewerName reviewedOn npsScore rating platform text sentiment replyUrl",
    "InvitationFunnel": "invited delivered opened clicked platformChosen npsSubmitted reviewed npsAverage npsNet "
    "ratingAverage",
    "Agency": "id name clients totals",
    "AgencyClient": "account usage funnel",
    "AgencyTotals": "clients invitedThisCycle funnel",
}
"""Fields, by type, that every member may see within the accounts and locations that exist for them."""

CARRIERS: frozenset[str] = frozenset(
    {
        "Node", "PageInfo", "Count", "UserError", "AccountCapabilities", "Capability", "SendSpeed",
        "LocationConnection", "LocationEdge", "CustomerConnection", "CustomerEdge", "InvitationConnection",
        "InvitationEdge", "ActivityEventConnection", "ActivityEventEdge", "AgencyClientConnection", "AgencyClientEdge",
        "BulkImportConnection", "BulkImportEdge", "ImportProgress", "ImportRowErrorConnection", "ImportRowErrorEdge",
        "ImportRowError", "InviteCustomerPayload", "StopInvitationPayload", "RestartInvitationPayload",
        "BulkImportPayload", "RecordReviewPayload",
    }
)  # fmt: skip
"""Types that hold nothing of their own: who may see the field that leads to them may see what they carry."""


class UncoveredError(Exception):
    """The policy and the schema do not fit; the message names what is missing, or what is there for nothing."""


def uncovered(fields: Collection[str]) -> list[str]:
    """What no rule covers, of all fields of all types (`Type.field`)."""
    spared = {f"{kind}.{field}" for kind, names in OPEN.items() for field in names.split()} | POLICY.keys()
    return sorted(one for one in fields if one not in spared and one.partition(".")[0] not in CARRIERS | POLICY.keys())


def stale(coordinates: Collection[str]) -> list[str]:
    """Rules for what is not there: a slip of the pen would leave a field open. Of fields, types and enums' values."""
    named = {f"{kind}.{field}" for kind, names in OPEN.items() for field in names.split()}
    return sorted((named | POLICY.keys() | EXCEPTIONS.keys() | CARRIERS) - set(coordinates))
