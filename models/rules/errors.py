"""What a person can mend: one class for each refusal, with the code of the contract."""

from models.rules.enums import UserErrorCode


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Nothing was changed; the message says what is wrong and what to do. `field` is the path in the input."""

    code = UserErrorCode.INVALID

    def __init__(self, message: str, field: list[str] | None = None, code: UserErrorCode | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code or type(self).code


class Invalid(Refusal):
    """A value that cannot be taken as it is."""


class NotFound(Refusal):
    """It does not exist, or not for this viewer."""

    code = UserErrorCode.NOT_FOUND


class NotStoppable(Refusal):
    """The invitation has ended."""

    code = UserErrorCode.NOT_STOPPABLE


class NotStopped(Refusal):
    """There is nothing to restart."""

    code = UserErrorCode.NOT_STOPPED


class Suppressed(Refusal):
    """Every address that could be used must not be written to."""

    code = UserErrorCode.SUPPRESSED


class RecentlyInvited(Refusal):
    """The cool-down of the location is not over."""

    code = UserErrorCode.RECENTLY_INVITED


class AlreadyActive(Refusal):
    """An open invitation writes to this address."""

    code = UserErrorCode.ALREADY_ACTIVE


class AllowanceExceeded(Refusal):
    """Nothing is left of the allowance in the cycle in which the invitation would be sent."""

    code = UserErrorCode.ALLOWANCE_EXCEEDED


class ChannelNotInPlan(Refusal):
    """The plan does not grant this channel."""

    code = UserErrorCode.CHANNEL_NOT_IN_PLAN


class MissingContact(Refusal):
    """No step can reach this person."""

    code = UserErrorCode.MISSING_CONTACT


class InvalidEmail(Refusal):
    """Not an address that mail can be sent to."""

    code = UserErrorCode.INVALID_EMAIL


class InvalidPhone(Refusal):
    """Not a number that can be dialled."""

    code = UserErrorCode.INVALID_PHONE


class InvalidMapping(Refusal):
    """The columns do not fit the file."""

    code = UserErrorCode.INVALID_MAPPING


class UnreadableFile(Refusal):
    """The file cannot be read as a table."""

    code = UserErrorCode.UNREADABLE_FILE


class FileTooLarge(Refusal):
    """The file is larger than the plan takes."""

    code = UserErrorCode.FILE_TOO_LARGE


class IdempotencyConflict(Refusal):
    """The key was used before with another input."""

    code = UserErrorCode.IDEMPOTENCY_CONFLICT
