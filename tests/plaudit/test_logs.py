"""The log writes a repeated line a few times a minute and counts the rest."""

import io
import logging
from types import SimpleNamespace

import pytest

from plaudit.logs import MAX_PER_MINUTE, RepeatLimiter
from plaudit.masking import log_unraisable


class Log:
    """The handler with a clock that tests set."""

    def __init__(self) -> None:
        self.stream, self.now = io.StringIO(), 1000.0
        self.handler = RepeatLimiter(self.stream, lambda: self.now)

    def warning(self, text: str, *values: object) -> None:
        self.handler.handle(logging.LogRecord("test", logging.WARNING, __file__, 1, text, values, None))

    @property
    def lines(self) -> list[str]:
        return [line.partition(" test ")[2] for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def log() -> Log:
    return Log()


def test_a_repeated_line_is_written_a_few_times_and_counted(log: Log) -> None:
    for _ in range(100_000):
        log.warning("out of %s", "files")
    assert log.lines == ["out of files"] * MAX_PER_MINUTE + ["further repeats are only counted: out of files"]
    log.now += 60
    log.warning("another")
    assert log.lines[-2:] == [f"repeated {100_000 - MAX_PER_MINUTE} times: out of files", "another"]


def test_a_repeated_line_is_written_again_a_minute_later(log: Log) -> None:
    for _ in range(2):
        log.warning("out of files")
        log.now += 60
    assert log.lines == ["out of files"] * 2


def test_lines_with_different_values_are_different_lines(log: Log) -> None:
    for number in range(50):
        log.warning("message %d failed", number)
    assert len(log.lines) == 50


def test_the_number_of_counted_lines_is_limited(log: Log) -> None:
    for number in range(5000):
        log.warning("message %d failed", number)
    assert len(log.handler._seen) <= 1000
    assert len(log.lines) == 5000


def test_a_line_that_does_not_match_its_values_does_not_fail_the_caller(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    log.warning("%d", "no number")
    log.warning("next")
    assert log.lines == ["next"]
    assert "Logging error" in capsys.readouterr().err


def test_exceptions_are_written_without_their_message(log: Log) -> None:
    personal = "ann@example.com"
    try:
        raise ValueError(personal)
    except ValueError as error:
        caught = (ValueError, error, error.__traceback__)
    log.handler.handle(logging.LogRecord("test", logging.ERROR, __file__, 1, "failed", (), caught))
    written = log.stream.getvalue()
    assert "ValueError" in written
    assert "test_logs.py" in written
    assert personal not in written


def test_errors_that_python_ignores_are_logged_without_their_message(caplog: pytest.LogCaptureFixture) -> None:
    log_unraisable(SimpleNamespace(exc_value=ValueError("ann@example.com"), err_msg=None))
    (line,) = caplog.messages
    assert line.startswith("exception ignored: ValueError")
    assert "ann@example.com" not in line
