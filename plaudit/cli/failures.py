"""The errors that a command prints as their message, without a traceback."""

from plaudit.postgres import PostgresError
from plaudit.processes import ProcessRefusedError
from plaudit.readiness import UnreadyError
from plaudit.roles import MigrationRefusedError
from plaudit.run import AddressTakenError, GatewayEndedError
from plaudit.settings import SettingsError
from provisioning import ApplyError

_USER_ERRORS = (
    SettingsError,
    ApplyError,
    PostgresError,
    UnreadyError,
    MigrationRefusedError,
    AddressTakenError,
    GatewayEndedError,
    ProcessRefusedError,
)


def message_of(error: BaseException) -> str | None:
    """What to print; None if the error is not one of these, or not only."""
    if not isinstance(error, BaseExceptionGroup):
        return str(error) if isinstance(error, _USER_ERRORS) else None
    expected, rest = error.split(_USER_ERRORS)
    return None if rest or not expected else str(_first(expected))


def _first(group: BaseExceptionGroup) -> BaseException:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
