"""The log on standard error, with a limit on repeated lines."""

import logging
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import TextIO

from plaudit.masking import WithoutValues, log_unraisable

MAX_PER_MINUTE = 5
_MAX_LINES = 1000
_Line = tuple[str, int, str]
_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


class RepeatLimiter(logging.StreamHandler[TextIO]):
    """Writes the same line at most five times a minute, then how often it was repeated."""

    def __init__(self, stream: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self.setFormatter(WithoutValues(_FORMAT))
        self._now = now
        self._minute_ends = 0.0
        self._seen: Counter[_Line] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = record.getMessage()
        except Exception:  # noqa: BLE001 - as in the standard library, so that logging never fails the caller
            self.handleError(record)
            return
        if self._now() >= self._minute_ends or len(self._seen) >= _MAX_LINES:
            self._begin_minute()
        key = (record.name, record.levelno, line)
        self._seen[key] += 1
        if self._seen[key] <= MAX_PER_MINUTE:
            super().emit(record)
        elif self._seen[key] == MAX_PER_MINUTE + 1:
            super().emit(_about(key, "further repeats are only counted"))

    def _begin_minute(self) -> None:
        for key, times in self._seen.items():
            if times > MAX_PER_MINUTE:
                super().emit(_about(key, f"repeated {times - MAX_PER_MINUTE} times"))
        self._seen.clear()
        self._minute_ends = self._now() + 60


def _about(key: _Line, note: str) -> logging.LogRecord:
    name, level, line = key
    return logging.LogRecord(name, level, "", 0, f"{note}: {line.partition(chr(10))[0]}", None, None)


def configure() -> None:
    """Logs Plaudit's lines from INFO, and those of verbose libraries from WARNING."""
    logging.basicConfig(level=logging.INFO, handlers=[RepeatLimiter(sys.stderr)])
    sys.unraisablehook = log_unraisable
    logging.captureWarnings(capture=True)
    for verbose in ("uvicorn.error", "pgqueuer", "tortoise"):
        logging.getLogger(verbose).setLevel(logging.WARNING)
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # the mail catcher warns at each login
