"""Database errors: which are transient, how they are retried, and how they are logged."""

import asyncio
import logging

import asyncpg
import pytest

from models.connection import WORK, fetch, pool, retry_pause, retry_while_transient
from models.faults import is_transient, log_fault

log = logging.getLogger(__name__)


async def raised_by(sql: str, *args: object) -> BaseException:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - the tests check which
        await fetch(pool(WORK), sql, *args)
    return raised.value


@pytest.mark.parametrize(
    ("sql", "args"),
    [
        ("select $1::int", ()),
        ("select 1", (1,)),
        ("select $1::int", ("no number",)),
        ("select 1 / 0", ()),
        ("select * from missing", ()),
        ("set local statement_timeout = 1; select pg_sleep(1)", ()),
    ],
)
async def test_an_error_in_a_statement_is_not_transient(db: str, sql: str, args: tuple[object, ...]) -> None:
    assert not is_transient(await raised_by(sql, *args))


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InterfaceError("record_class is expected to be a subclass of asyncpg.Record"),
        asyncpg.ClientConfigurationError("invalid connect_timeout"),
        asyncpg.InternalClientError("unknown format"),
        PermissionError(13, "Permission denied"),
    ],
    ids=repr,
)
def test_a_mistake_in_a_call_is_not_transient(error: Exception) -> None:
    assert not is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InterfaceError("cannot call Connection.fetch(): the underlying connection is closed"),
        asyncpg.InterfaceError("cannot call Connection.fetch(): connection has been released back to the pool"),
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        FileNotFoundError(2, "No such file or directory"),
    ],
    ids=repr,
)
def test_a_lost_connection_is_transient(error: Exception) -> None:
    assert is_transient(error)


async def test_a_terminated_session_is_transient(db: str) -> None:
    assert is_transient(await raised_by("select pg_terminate_backend(pg_backend_pid())"))


class Attempts:
    """Raises these errors one after another, then returns."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.number = list(errors), 0

    async def act(self) -> str:
        self.number += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


async def test_transient_errors_are_retried() -> None:
    attempts = Attempts(ConnectionResetError(), asyncpg.DeadlockDetectedError(), TimeoutError())
    assert await asyncio.wait_for(retry_while_transient(attempts.act), 10) == "done"
    assert attempts.number == 4


async def test_other_errors_are_raised_at_once() -> None:
    attempts = Attempts(ConnectionResetError(), ValueError("a mistake"))
    with pytest.raises(ValueError, match="a mistake"):
        await asyncio.wait_for(retry_while_transient(attempts.act), 10)
    assert attempts.number == 2


def test_pauses_grow_up_to_a_second() -> None:
    assert all(0.05 <= retry_pause(0) <= 0.1 for _ in range(100))
    assert all(0.5 <= retry_pause(attempt) <= 1.0 for attempt in (4, 10, 100_000))


async def test_other_errors_are_logged_with_their_traceback_and_without_values(
    db: str, caplog: pytest.LogCaptureFixture
) -> None:
    log_fault(log, "upkeep", await raised_by("select $1::int", "somebody@example.org"))
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "upkeep: DataError" in record.getMessage()
    assert __file__ in record.getMessage()
    assert "somebody" not in caplog.text


def test_transient_errors_are_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    log_fault(log, "upkeep", ConnectionResetError("by 10.0.0.1"))
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.WARNING, "upkeep: ConnectionResetError")
