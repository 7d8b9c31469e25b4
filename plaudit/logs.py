"""The log: lines on standard error, each at most so often a minute."""

import logging
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import TextIO

from plaudit.masking import WithoutValues

MAX_PER_MINUTE = 5
_MAX_KEPT = 1000
_Line = tuple[str, int, str]
_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


class Repeats(logging.StreamHandler[TextIO]):
    """Writes the same line five times a minute, then says how often it was repeated."""

    def __init__(self, stream: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self.setFormatter(WithoutValues(_FORMAT))
        self._now = now
        self._minute_ends = 0.0
        self._seen: Counter[_Line] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = record.getMessage()
        except Exception:  # noqa: BLE001 - as the standard library does: whoever logs does not fail
            self.handleError(record)
            return
        if self._now() >= self._minute_ends or len(self._seen) >= _MAX_KEPT:
            self._begin_minute()
        key = (record.name, record.levelno, line)
        self._seen[key] += 1
        if self._seen[key] <= MAX_PER_MINUTE:
            super().emit(record)
        elif self._seen[key] == MAX_PER_MINUTE + 1:
            super().emit(_about(key, "repeats from here on are only counted"))

    def _begin_minute(self) -> None:
        for key, times in self._seen.items():
            if times > MAX_PER_MINUTE:
                super().emit(_about(key, f"repeated {times - MAX_PER_MINUTE} times"))
        self._seen.clear()
        self._minute_ends = self._now() + 60


def _about(key: _Line, words: str) -> logging.LogRecord:
    name, level, line = key
    return logging.LogRecord(name, level, "", 0, f"{words}: {line.partition(chr(10))[0]}", None, None)


def configure() -> None:
    """For the commands: our lines from INFO on, those of libraries that say much from WARNING on."""
    logging.basicConfig(level=logging.INFO, handlers=[Repeats(sys.stderr)])
    for chatty in ("uvicorn.error", "pgqueuer", "tortoise"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # the mail catcher warns of itself at each login
