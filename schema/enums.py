"""The stored enums, registered in place as the schema's: annotations name the models' classes."""

from enum import StrEnum

import strawberry

from models.rules import enums
from permissions.capability import DenialCode

_DESCRIBED = {
    enums.Role: "What a member may do in an account.",
    enums.PlanTier: "What an account has bought.",
    enums.AccountKind: "A business of its own, an agency, or a client of one.",
    enums.Channel: "How a message travels.",
    enums.InvitationState: (
        "QUEUED: nothing sent yet. HELD: the system waits for a cause to go (allowance, quiet transport, overdue). "
        "STOPPED: a person did it."
    ),
    enums.BulkImportState: (
        "VALIDATED: a dry run has ended and nothing was invited. COMPLETED: every row has its verdict; "
        "its messages may go out for days yet. VALIDATED, COMPLETED, CANCELLED and FAILED end a subscription."
    ),
    enums.ActivityKind: "What happened.",
    enums.ActorKind: (
        "HUMAN once something was sent from the page, LIKELY_MACHINE for a mail client's prefetch or a link scanner, "
        "UNKNOWN between the two; MEMBER and SYSTEM did the rest."
    ),
    enums.Sentiment: "What a review says on the whole.",
    enums.ReviewMatch: "By what a review was matched to a customer.",
    enums.StopReason: "Why a person stopped an invitation. CUSTOMER_ASKED also suppresses the customer.",
    enums.ImportField: "What a column of a list holds.",
    enums.ImportRowErrorCode: "What is wrong with a row; of several, the first in this order decides how it counts.",
    enums.UserErrorCode: "What the user can mend.",
    enums.CustomerOrderField: "What the customer table can be ordered by.",
    enums.AgencyClientOrderField: (
        "What an agency's board can be ordered by. INVITED_THIS_CYCLE and ALLOWANCE_USED (the share of it): of each client's "
        "billing period; NPS and RATING: of all its time."
    ),
    DenialCode: "Why something is not allowed.",
}

for _enum, _description in _DESCRIBED.items():
    strawberry.enum(_enum, description=_description)


@strawberry.enum(
    description="UNKNOWN: the connection broke after the message was handed over; never sent again by itself."
)
class MessageState(StrEnum):
    """The stored states as shown: CLAIMED, a lease of ours, is SCHEDULED."""

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


@strawberry.enum(description="Which way an order goes.")
class OrderDirection(StrEnum):
    ASC = "ASC"
    DESC = "DESC"
