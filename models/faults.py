"""Which database errors are transient, and how errors are logged without personal data."""

import logging
import traceback

import asyncpg

LOST = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    OSError,  # TimeoutError is one
)
"""Types of errors of a lost connection or an unreachable server; asyncpg uses its own for mistakes in calls too."""
_LOST_TEXTS = ("is closed", "closing", "was closed", "released back", "cannot switch to state", "another operation")
"""What asyncpg's own errors say of a lost connection; the last two, of one on which a statement was interrupted."""
RETRYABLE = (
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,  # after lock_timeout
    asyncpg.SerializationError,
    asyncpg.TooManyConnectionsError,
)
"""Errors that a retry can resolve."""


def is_lost(error: BaseException | None) -> bool:
    """Whether the connection was lost or the server is unreachable."""
    if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
        return any(text in str(error) for text in _LOST_TEXTS)
    return isinstance(error, LOST) and not isinstance(error, PermissionError)


def is_transient(error: BaseException | None) -> bool:
    """Whether a retry may succeed soon, because the database was unreachable or busy."""
    return is_lost(error) or isinstance(error, RETRYABLE)


def without_values(error: BaseException) -> str:
    """An error's type and stack for the log, without its message, which may contain personal data."""
    name = type(error).__name__
    if isinstance(error, asyncpg.PostgresError):
        name += f" ({error.sqlstate}, constraint {error.constraint_name})"
    return "\n".join([name, *traceback.format_tb(error.__traceback__)])


def log_fault(log: logging.Logger, what: str, error: BaseException) -> None:
    """Logs a transient error as a warning and any other as an error with its stack."""
    if is_transient(error):
        log.warning("%s: %s", what, type(error).__name__, extra={"cause": error})
    else:
        log.error("%s: %s", what, without_values(error))
