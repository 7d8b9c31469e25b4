"""Who may see and do what, as one table by schema coordinate. The directive, `can`, errors and docs are generated from it.

A coordinate is one of three things: `Type.field`; the name of a type, which guards that type wherever it appears; or an
enum value (`Channel.SMS`), which is an exception: arguments and inputs otherwise inherit their field's rule.
"""

from collections.abc import Collection
from dataclasses import dataclass

from models.rules.enums import AccountKind, PlanTier, Role
from models.rules.plan import PLANS
from permissions.viewer import Seat, Via

_ALL_ROLES, _ALL_KINDS = frozenset(Role), frozenset(AccountKind)
_NOT_VIEWER = frozenset({Role.OWNER, Role.ADMIN, Role.MANAGER})
_ADMINS = frozenset({Role.OWNER, Role.ADMIN})
_NOT_CLIENT = frozenset({AccountKind.BUSINESS, AccountKind.AGENCY})


@dataclass(frozen=True, slots=True)
class Rule:
    """The roles, plan and kinds of account that an action requires. The kinds do not apply to seats through an agency.

    `action`: the subject of sentences, such as "Importing lists". `grant`: the plan fact that must be true; an account's
    override of it counts. `hidden`: denied fields are null without an error.
    """

    action: str
    roles: frozenset[Role] = _ALL_ROLES
    grant: str | None = None
    kinds: frozenset[AccountKind] = _ALL_KINDS
    hidden: bool = False

    @property
    def plans(self) -> frozenset[PlanTier]:
        """The plans that include it, ignoring overrides."""
        return frozenset(plan for plan, facts in PLANS.items() if self.grant is None or getattr(facts, self.grant))

    def wrong_role(self, seat: Seat) -> bool:
        return seat.role not in self.roles

    def wrong_plan(self, seat: Seat) -> bool:
        return self.grant is not None and not getattr(seat.account.facts, self.grant)

    def wrong_kind(self, seat: Seat) -> bool:
        return seat.via is not Via.AGENCY and seat.account.kind not in self.kinds

    def admits(self, seat: Seat | None) -> bool:
        """Whether the seat meets every requirement; False without a seat."""
        if seat is None:
            return False
        return not (self.wrong_role(seat) or self.wrong_plan(seat) or self.wrong_kind(seat))


_IMPORT = Rule("Importing lists", roles=_NOT_VIEWER, grant="bulk_import")
_SEE_IMPORTS = Rule("Viewing bulk imports", roles=_NOT_VIEWER)
_RELEASE = Rule("Releasing what is held", roles=_NOT_VIEWER)
_SEE_TOTAL_USAGE = Rule("Viewing the account's total usage", kinds=_NOT_CLIENT, hidden=True)

POLICY: dict[str, Rule] = {
    "Mutation.stopInvitation": Rule("Stopping invitations", roles=_NOT_VIEWER),
    "Mutation.restartInvitation": Rule("Restarting invitations", roles=_NOT_VIEWER),
    "Mutation.inviteCustomer": Rule("Inviting customers", roles=_NOT_VIEWER),
    "Mutation.previewBulkImport": _IMPORT,
    "Mutation.bulkImport": _IMPORT,
    "Mutation.startBulkImport": _IMPORT,
    "Mutation.pauseBulkImport": _IMPORT,
    "Mutation.resumeBulkImport": _IMPORT,
    "Mutation.cancelBulkImport": _IMPORT,
    "Mutation.recordReview": Rule("Recording reviews", roles=_ADMINS),
    "Mutation.previewMessage": Rule("Previewing messages", roles=_NOT_VIEWER),
    "Mutation.sendTestMessage": Rule("Sending test messages", roles=_NOT_VIEWER),
    "Mutation.recordOptOut": Rule("Recording opt-outs", roles=_NOT_VIEWER),
    "Mutation.liftSuppression": Rule("Lifting suppressions", roles=_ADMINS),
    "Mutation.settleMessage": Rule("Settling messages", roles=_NOT_VIEWER),
    "Mutation.releaseInvitation": _RELEASE,
    "Mutation.releaseLocation": _RELEASE,
    "Account.suppressions": Rule("Viewing suppressions", roles=_ADMINS),
    "Subscription.importProgress": _SEE_IMPORTS,
    "Account.bulkImports": _SEE_IMPORTS,
    "Account.bulkImport": _SEE_IMPORTS,
    "Invitation.bulkImport": _SEE_IMPORTS,
    "BulkImport": _SEE_IMPORTS,
    "UsageSummary.totalInvited": _SEE_TOTAL_USAGE,
    "UsageSummary.allowance": _SEE_TOTAL_USAGE,
    "UsageSummary.reserved": _SEE_TOTAL_USAGE,
    "UsageSummary.remaining": _SEE_TOTAL_USAGE,
    "UsageSummary.buyMoreUrl": Rule("Buying boosts", roles=_ADMINS, grant="boosts", kinds=_NOT_CLIENT, hidden=True),
}

EXCEPTIONS: dict[str, Rule] = {
    "Channel.SMS": Rule("Sending SMS", grant="sms"),
}
"""Values of arguments and inputs that require more than their field does. `permissions.access.require_channels` checks
them and refuses with the user error CHANNEL_NOT_IN_PLAN."""

OPEN: dict[str, str] = {
    "Query": "viewer node nodes account agency",
    "Subscription": "customerActivity",
    "Viewer": "id name email memberships",
    "Membership": "account role",
    "Account": "id name kind plan timeZone can agency usage locations location customers customer funnel delivery",
    "UsageSummary": "invitedThisCycle locationAllowance cycleStartsOn resetsOn",
    "Location": "id name timeZone platforms",
    "ReviewPlatform": "key name url",
    "Customer": "id location firstName lastName email phone source invitedOn npsScore rating invitation invitations "
    "linkedReview activity activityByDay",
    "Invitation": "id customer state stateReason stateDetail stateChangedAt channels invitedOn employee service source importName "
    "messages nextMessageAt canStop canRestart activity",
    "InvitationMessage": "id step channel state dueAt sentAt reply invitation",
    "ActivityDay": "date events",
    "ActivityEvent": "id kind occurredAt channel platform npsScore feedback actor actorKind",
    "LinkedReview": "id reviewerName reviewedOn npsScore rating platform text sentiment replyUrl",
    "InvitationFunnel": "invited delivered opened clicked platformChosen npsSubmitted reviewed npsAverage npsNet "
    "ratingAverage",
    "Agency": "id name clients totals",
    "AgencyClient": "account usage funnel",
    "AgencyTotals": "clients invitedThisCycle funnel",
    "Delivery": "relay relayReply due oldestDueAt overdue held unknown",
    "HeldLane": "channel reason since reply location",
}
"""The fields of each type that every member may see in the accounts and locations they have access to."""

WRAPPERS: frozenset[str] = frozenset(
    {
        "Node", "PageInfo", "Count", "UserError", "AccountCapabilities", "Capability", "SendSpeed",
        "LocationConnection", "LocationEdge", "CustomerConnection", "CustomerEdge", "InvitationConnection",
        "InvitationEdge", "ActivityEventConnection", "ActivityEventEdge", "AgencyClientConnection", "AgencyClientEdge",
        "BulkImportConnection", "BulkImportEdge", "ImportProgress", "ImportRowErrorConnection", "ImportRowErrorEdge",
        "ImportRowError", "ImportRowWarning", "ImportForecast", "ImportCycle",
        "InviteCustomerPayload", "StopInvitationPayload", "RestartInvitationPayload",
        "BulkImportPayload", "PreviewBulkImportPayload", "ImportPreview", "ImportColumn", "ImportPreviewWarning",
        "RecordReviewPayload", "PreviewMessagePayload", "MessagePreview", "SendTestMessagePayload",
        "Suppression", "SuppressionConnection", "SuppressionEdge",
        "RecordOptOutPayload", "LiftSuppressionPayload", "SettleMessagePayload", "ReleaseInvitationPayload",
        "ReleaseLocationPayload",
    }
)  # fmt: skip
"""Wrapper types: everyone who may see the field that returns one may see its contents."""


class PolicyMismatchError(Exception):
    """The policy and the schema differ; the message names the fields without a rule or the rules without a field."""


def uncovered(fields: Collection[str]) -> list[str]:
    """The fields (`Type.field`) that no rule covers."""
    named = {f"{kind}.{field}" for kind, names in OPEN.items() for field in names.split()} | POLICY.keys()
    return sorted(one for one in fields if one not in named and one.partition(".")[0] not in WRAPPERS | POLICY.keys())


def stale(coordinates: Collection[str]) -> list[str]:
    """Rules whose field, type or enum value does not exist: a typo would leave a field open."""
    named = {f"{kind}.{field}" for kind, names in OPEN.items() for field in names.split()}
    return sorted((named | POLICY.keys() | EXCEPTIONS.keys() | WRAPPERS) - set(coordinates))
