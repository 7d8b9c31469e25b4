"""The stored enums: roles, plans, kinds, states and reasons, spelled as in the contract."""

from enum import StrEnum


class Role(StrEnum):
    OWNER = "OWNER"
    ADMIN = "ADMIN"
    MANAGER = "MANAGER"
    VIEWER = "VIEWER"


class PlanTier(StrEnum):
    FREE = "FREE"
    FREE_TRIAL = "FREE_TRIAL"
    STARTER = "STARTER"
    PROFESSIONAL = "PROFESSIONAL"
    ENTERPRISE = "ENTERPRISE"


class AccountKind(StrEnum):
    BUSINESS = "BUSINESS"
    AGENCY = "AGENCY"
    AGENCY_CLIENT = "AGENCY_CLIENT"


class Channel(StrEnum):
    EMAIL = "EMAIL"
    SMS = "SMS"


class InvitationState(StrEnum):
    QUEUED = "QUEUED"
    ACTIVE = "ACTIVE"
    HELD = "HELD"
    STOPPED = "STOPPED"
    COMPLETED = "COMPLETED"
    SUPPRESSED = "SUPPRESSED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class MessageState(StrEnum):
    """CLAIMED is an internal lease, shown as SCHEDULED."""

    SCHEDULED = "SCHEDULED"
    CLAIMED = "CLAIMED"
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


class BulkImportState(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    VALIDATED = "VALIDATED"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class StopReason(StrEnum):
    CUSTOMER_ASKED = "CUSTOMER_ASKED"
    WRONG_CONTACT = "WRONG_CONTACT"
    DISPUTE = "DISPUTE"
    OTHER = "OTHER"


class HoldReason(StrEnum):
    """The first two are stored on the invitation; the others hold a lane, and are shown on every invitation waiting in it."""

    ALLOWANCE = "ALLOWANCE"
    OVERDUE = "OVERDUE"
    SENDER_INCOMPLETE = "SENDER_INCOMPLETE"
    TRANSPORT_QUIET = "TRANSPORT_QUIET"
    BOUNCE_RATE = "BOUNCE_RATE"
    COMPLAINT_RATE = "COMPLAINT_RATE"
    IMPORT_PAUSED = "IMPORT_PAUSED"


class Goal(StrEnum):
    REVIEWED = "REVIEWED"
    NPS_GIVEN = "NPS_GIVEN"
    PLATFORM_CHOSEN = "PLATFORM_CHOSEN"
    LINK_CLICKED = "LINK_CLICKED"


class SuppressionReason(StrEnum):
    UNSUBSCRIBED = "UNSUBSCRIBED"
    CUSTOMER_ASKED = "CUSTOMER_ASKED"


LIFTABLE: frozenset[SuppressionReason] = frozenset({SuppressionReason.CUSTOMER_ASKED})
"""Reasons that members record, which can be mistakes; the others come from the person."""


class FailureReason(StrEnum):
    NO_USABLE_CHANNEL = "NO_USABLE_CHANNEL"
    RETRIES_EXHAUSTED = "RETRIES_EXHAUSTED"


SEQUENCE_FINISHED = "SEQUENCE_FINISHED"
"""Why an invitation completed: its last step was sent and its answer window is over."""
IMPORT_CANCELLED = "IMPORT_CANCELLED"
"""Why an invitation was cancelled, or completed if something was sent."""


class ActivityKind(StrEnum):
    INVITED = "INVITED"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    OPENED = "OPENED"
    LINK_CLICKED = "LINK_CLICKED"
    PLATFORM_CHOSEN = "PLATFORM_CHOSEN"
    NPS_SUBMITTED = "NPS_SUBMITTED"
    FEEDBACK_SUBMITTED = "FEEDBACK_SUBMITTED"
    REVIEW_LINKED = "REVIEW_LINKED"
    STOPPED = "STOPPED"
    RESTARTED = "RESTARTED"
    HELD = "HELD"
    RELEASED = "RELEASED"
    BOUNCED = "BOUNCED"
    DEFERRED = "DEFERRED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class ActorKind(StrEnum):
    HUMAN = "HUMAN"
    LIKELY_MACHINE = "LIKELY_MACHINE"
    UNKNOWN = "UNKNOWN"
    MEMBER = "MEMBER"
    SYSTEM = "SYSTEM"


class Sentiment(StrEnum):
    POSITIVE = "POSITIVE"
    NEUTRAL = "NEUTRAL"
    NEGATIVE = "NEGATIVE"


class ReviewMatch(StrEnum):
    INVITATION = "INVITATION"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    NAME_AND_TIME = "NAME_AND_TIME"


class ImportField(StrEnum):
    FIRST_NAME = "FIRST_NAME"
    LAST_NAME = "LAST_NAME"
    FULL_NAME = "FULL_NAME"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    EMPLOYEE = "EMPLOYEE"
    SERVICE = "SERVICE"


class ImportRowErrorCode(StrEnum):
    """If a row has several errors, the first in this order decides how it is counted."""

    MALFORMED = "MALFORMED"
    TOO_LONG = "TOO_LONG"
    MISSING_CONTACT = "MISSING_CONTACT"
    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_PHONE = "INVALID_PHONE"
    DUPLICATE_IN_FILE = "DUPLICATE_IN_FILE"
    SUPPRESSED = "SUPPRESSED"
    ALREADY_ACTIVE = "ALREADY_ACTIVE"
    RECENTLY_INVITED = "RECENTLY_INVITED"
    NO_ALLOWANCE = "NO_ALLOWANCE"


class ImportRowWarningCode(StrEnum):
    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_PHONE = "INVALID_PHONE"


class ImportPreviewWarningCode(StrEnum):
    NO_ROWS = "NO_ROWS"
    TITLE_SKIPPED = "TITLE_SKIPPED"


class UserErrorCode(StrEnum):
    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    NOT_STOPPABLE = "NOT_STOPPABLE"
    NOT_STOPPED = "NOT_STOPPED"
    SUPPRESSED = "SUPPRESSED"
    RECENTLY_INVITED = "RECENTLY_INVITED"
    ALREADY_ACTIVE = "ALREADY_ACTIVE"
    ALLOWANCE_EXCEEDED = "ALLOWANCE_EXCEEDED"
    CHANNEL_NOT_IN_PLAN = "CHANNEL_NOT_IN_PLAN"
    MISSING_CONTACT = "MISSING_CONTACT"
    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_PHONE = "INVALID_PHONE"
    INVALID_MAPPING = "INVALID_MAPPING"
    UNREADABLE_FILE = "UNREADABLE_FILE"
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"


class AgencyClientOrderField(StrEnum):
    NAME = "NAME"
    INVITED_THIS_CYCLE = "INVITED_THIS_CYCLE"
    ALLOWANCE_USED = "ALLOWANCE_USED"
    NPS = "NPS"
    RATING = "RATING"


class CustomerOrderField(StrEnum):
    INVITED_ON = "INVITED_ON"
    FIRST_NAME = "FIRST_NAME"
    LAST_NAME = "LAST_NAME"
    NPS_SCORE = "NPS_SCORE"
    RATING = "RATING"
