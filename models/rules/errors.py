"""Errors that a user can correct: one class per code of the contract."""

from dataclasses import dataclass
from uuid import UUID

from models.rules.enums import UserErrorCode
from models.rules.scope import Scope


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The location that caused a refusal, and the message for members who cannot see that location."""

    location_id: UUID
    message: str


class Refusal(Exception):  # noqa: N818 - an expected outcome, not a failure
    """Nothing was changed. The message says what is wrong and how to correct it. `field` is the path in the input."""

    code = UserErrorCode.INVALID

    def __init__(
        self,
        message: str,
        field: list[str] | None = None,
        code: UserErrorCode | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code or type(self).code
        self.elsewhere = elsewhere

    def within(self, scope: Scope) -> "Refusal":
        """The refusal for a member with this scope: without the reason if it concerns a location outside it."""
        if self.elsewhere is None or scope.sees(self.elsewhere.location_id):
            return self
        return Refusal(self.elsewhere.message, self.field, self.code)


class Invalid(Refusal):
    """A value is not valid."""


class NotFound(Refusal):
    """It does not exist, or the viewer has no access."""

    code = UserErrorCode.NOT_FOUND


class NotStoppable(Refusal):
    """The invitation has ended."""

    code = UserErrorCode.NOT_STOPPABLE


class NotStopped(Refusal):
    """The invitation is not stopped."""

    code = UserErrorCode.NOT_STOPPED


class Suppressed(Refusal):
    """The customer has opted out on every usable channel."""

    code = UserErrorCode.SUPPRESSED


class RecentlyInvited(Refusal):
    """The location's cool-down is not over."""

    code = UserErrorCode.RECENTLY_INVITED


class AlreadyActive(Refusal):
    """An open invitation exists for this address."""

    code = UserErrorCode.ALREADY_ACTIVE


class AllowanceExceeded(Refusal):
    """The allowance of the cycle in which the invitation would be sent is used up."""

    code = UserErrorCode.ALLOWANCE_EXCEEDED


class ChannelNotInPlan(Refusal):
    """The plan does not include this channel."""

    code = UserErrorCode.CHANNEL_NOT_IN_PLAN


class MissingContact(Refusal):
    """No step can reach this customer."""

    code = UserErrorCode.MISSING_CONTACT


class InvalidEmail(Refusal):
    """Not an address that mail can be sent to."""

    code = UserErrorCode.INVALID_EMAIL


class InvalidPhone(Refusal):
    """Not a phone number that can be dialed."""

    code = UserErrorCode.INVALID_PHONE


class InvalidMapping(Refusal):
    """The mapping does not fit the file's columns."""

    code = UserErrorCode.INVALID_MAPPING


class UnreadableFile(Refusal):
    """The file cannot be read as a table."""

    code = UserErrorCode.UNREADABLE_FILE


class FileTooLarge(Refusal):
    """The file is larger than the plan allows."""

    code = UserErrorCode.FILE_TOO_LARGE


class IdempotencyConflict(Refusal):
    """The key was already used with a different input."""

    code = UserErrorCode.IDEMPOTENCY_CONFLICT


CANNOT_BE_INVITED = "This address cannot be invited now; try again later."
"""Replaces the reason for members who do not see the location where it lies."""
