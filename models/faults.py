"""Errors of the database that pass by themselves, and how an error is logged without anybody's data."""

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
"""What a lost connection, or a server that cannot be reached, raises."""
PASSING = (
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,  # after lock_timeout
    asyncpg.SerializationError,
    asyncpg.TooManyConnectionsError,
)
"""What goes away when the same is tried again."""


def is_transient(error: BaseException | None) -> bool:
    """Whether the same may succeed in a moment, as the database was not reachable or busy."""
    if isinstance(error, asyncpg.InterfaceError) and "server expects" in str(error):
        return False  # a wrong number of arguments: a mistake, which asyncpg raises as it does a lost connection
    return isinstance(error, (*LOST, *PASSING))


def without_values(error: BaseException) -> str:
    """An error's type and places, for the log; its message may hold somebody's data."""
    name = type(error).__name__
    if isinstance(error, asyncpg.PostgresError):
        name += f" ({error.sqlstate}, constraint {error.constraint_name})"
    return "\n".join([name, *traceback.format_tb(error.__traceback__)])


def log_fault(log: logging.Logger, what: str, error: BaseException) -> None:
    """What passes by itself as a warning; a mistake in the program as an error, with its places."""
    if is_transient(error):
        log.warning("%s: %s", what, type(error).__name__, extra={"cause": error})
    else:
        log.error("%s: %s", what, without_values(error))
