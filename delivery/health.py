"""Whether the relay can be used: how many connections it accepts, and how long to wait after it refused one."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext

import aiosmtplib

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
SHORTEST_LOGIN_PAUSE, LONGEST_LOGIN_PAUSE = 15.0, 900.0
"""After a refused login: few enough attempts not to lock the account."""
REST_SECONDS = 60.0
"""How long a connection that the relay refused beside others stays closed."""
log = logging.getLogger(__name__)


Report = Callable[[BaseException | None], None]
"""Called with each error that makes the relay unusable, and with None when it can be used again."""


class RefusedError(Exception):
    """The relay accepts connections and refuses every message. The error's text is its reply."""


class Health:
    """Shared by all connections to a relay. Until it is known that the relay can be used, and while it cannot, only one
    connection at a time is attempted."""

    def __init__(self, report: Report = lambda _error: None) -> None:
        self.pause = 0.0
        self.is_down = False
        self.refuses = False
        """Down although it accepts connections: it refuses every message."""
        self.error: BaseException | None = None
        """Why the relay is down."""
        self.connecting = 0
        self._retry_at = 0.0
        self._report = report
        self._door = asyncio.Lock()
        self._reported = 0

    @property
    def must_connect(self) -> bool:
        """Whether the next thing to try is to connect, rather than a message."""
        return self.is_down and not self.refuses

    @property
    def is_resting(self) -> bool:
        """Whether nothing is to be tried now: the relay is down, and the pause is not over or an attempt is under way."""
        return self.is_down and (self.connecting > 0 or time.monotonic() < self._retry_at)

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Admits one attempt to connect at a time while the relay is down."""
        async with self._door if self.is_down else nullcontext():
            self.connecting += 1
            try:
                yield
            finally:
                self.connecting -= 1

    def connected(self) -> None:
        if not self.refuses:
            self.accepted()

    def accepted(self) -> None:
        """Notes that the relay can be used: it accepts connections, and did not refuse the last message for everybody."""
        self.is_down, self.refuses, self.error, self.pause = False, False, None, 0.0
        self._report(None)

    def refused(self, reply: str) -> None:
        """Notes a reply with which the relay refuses every message."""
        self.refuses = True
        self._down(RefusedError(reply), SHORTEST_PAUSE, LONGEST_PAUSE)

    def failed(self, error: BaseException, connected: int) -> float:
        """Notes a refused connection while this many others are open. Returns the seconds after which to try again: if
        others are open or connecting, only this connection rests."""
        if connected:
            if connected != self._reported:
                log.warning("the relay accepts only %d connections: %s", connected, type(error).__name__)
            self._reported = connected
            return REST_SECONDS
        if isinstance(error, aiosmtplib.SMTPAuthenticationError):
            return self._down(error, SHORTEST_LOGIN_PAUSE, LONGEST_LOGIN_PAUSE)
        if self.connecting:  # which shows whether the relay is down
            return SHORTEST_PAUSE
        return self._down(error, SHORTEST_PAUSE, LONGEST_PAUSE)

    def _down(self, error: BaseException, shortest: float, longest: float) -> float:
        self.is_down, self.error = True, error
        self._report(error)
        self.pause = min(max(self.pause * 2, shortest), longest) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
        self._retry_at = time.monotonic() + self.pause
        return self.pause
