"""Registers the models' enums in the schema; annotations use the models' classes."""

from enum import StrEnum

import strawberry

from models.reads.delivery_state import RelayState
from models.rules import enums
from permissions.capability import DenialCode

_DESCRIBED = {
    enums.Role: "A member's role in an account.",
    enums.PlanTier: "The plan an account is on.",
    enums.AccountKind: "The kind of an account.",
    enums.Channel: "The channel a message is sent on.",
    enums.InvitationState: (
        "The state of an invitation. QUEUED: nothing has been sent yet. HELD: the system waits, for example for allowance. "
        "STOPPED: a member stopped it."
    ),
    enums.BulkImportState: (
        "The state of a bulk import. VALIDATED: a dry run has ended; nobody was invited. COMPLETED: every row has been processed; "
        "messages may still be sent for days. VALIDATED, COMPLETED, CANCELLED and FAILED end a subscription."
    ),
    enums.ActivityKind: "The kind of an activity event.",
    enums.ActorKind: (
        "Who or what caused an event. HUMAN: a person, who submitted something on the page, or whose click led there. "
        "LIKELY_MACHINE: a mail client's prefetch or a link scanner. UNKNOWN: undecided between the two. "
        "MEMBER: a member of the account. SYSTEM: Plaudit."
    ),
    enums.Sentiment: "The overall sentiment of a review.",
    enums.ReviewMatch: "How a review was matched to a customer.",
    enums.SuppressionReason: (
        "Why an address is suppressed. UNSUBSCRIBED: the person used an unsubscribe link. CUSTOMER_ASKED: they told a member."
    ),
    RelayState: "Whether the mail relay can be used. UNKNOWN: no worker has tried it, or no worker is running.",
    enums.StopReason: "Why an invitation was stopped. CUSTOMER_ASKED also suppresses the customer.",
    enums.ImportField: "A field that a column of an imported file can contain.",
    enums.ImportRowErrorCode: (
        "What is wrong with a row. If a row has several errors, the first in this order decides how it is counted."
    ),
    enums.ImportRowWarningCode: "Why cells were left out.",
    enums.ImportPreviewWarningCode: (
        "What seems to be wrong with a file. NO_ROWS: there is nobody to invite. TITLE_SKIPPED: rows above the names of the "
        "columns are taken for a title, and are not imported."
    ),
    enums.UserErrorCode: "What the user can correct.",
    enums.CustomerOrderField: "The columns the customer table can be ordered by.",
    enums.AgencyClientOrderField: (
        "The figures an agency's board can be ordered by. INVITED_THIS_CYCLE and ALLOWANCE_USED (the used share) are of each "
        "client's current billing cycle, NPS and RATING of all time."
    ),
    DenialCode: "Why an action is denied.",
}

for _enum, _description in _DESCRIBED.items():
    strawberry.enum(_enum, description=_description)


@strawberry.enum(
    description="The delivery state of a message. UNKNOWN: the connection broke after the message was handed over, so it may "
    "have been sent; it is never sent again automatically."
)
class MessageState(StrEnum):
    """The stored states as shown: CLAIMED, which is internal, appears as SCHEDULED."""

    SCHEDULED = "SCHEDULED"
    PAUSED = "PAUSED"
    SENDING = "SENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    BOUNCED = "BOUNCED"
    DEFERRED = "DEFERRED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


@strawberry.enum(description="The direction of an order.")
class OrderDirection(StrEnum):
    ASC = "ASC"
    DESC = "DESC"
