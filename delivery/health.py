"""Whether the relay can be used: how many connections it accepts, and how long to wait after it refused one."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext

import aiosmtplib

from delivery.transport import Answer, Verdict
from models.rules.privacy import without_addresses

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
SHORTEST_LOGIN_PAUSE, LONGEST_LOGIN_PAUSE = 15.0, 900.0
"""After a refused login: few enough attempts not to lock the account."""
REST_SECONDS = 60.0
"""How long a connection that the relay refused beside others stays closed."""
IN_A_ROW = 20
"""So many messages in a row that were not accepted now, whoever they are for, say that the relay has a problem."""
_NOT_NOW = frozenset({Verdict.DEFERRED, Verdict.POSTPONED})
_DEFINITE = frozenset({Verdict.SENT, Verdict.REFUSED})
_NO_REPLY = "The relay cannot be used; the worker's log says why."
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
        self._in_a_row = 0

    @property
    def reply(self) -> str | None:
        """The relay's words while it is down, or what happened if it said nothing; no host or address of ours."""
        if self.error is None:
            return None
        if isinstance(self.error, RefusedError):
            return str(self.error)
        if isinstance(self.error, aiosmtplib.SMTPResponseException):
            return f"{self.error.code} {self.error.message}"
        return _NO_REPLY

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

    def answered(self, answer: Answer) -> None:
        """Notes what became of a message. The relay is down if it refuses everybody's, or takes none of many in a row."""
        if answer.verdict in _NOT_NOW:
            self._in_a_row += 1
        elif answer.verdict in _DEFINITE:
            self._in_a_row = 0
        if answer.verdict is Verdict.DOWN or self._in_a_row >= IN_A_ROW:
            self._refused(without_addresses(answer.reply))
        elif self.refuses and answer.verdict is not Verdict.NOT_SENT:
            self.accepted()

    def _refused(self, reply: str) -> None:
        """Several connections may be refused at the same time, which counts once."""
        self.refuses = True
        if not self.is_resting:
            self._down(RefusedError(reply), SHORTEST_PAUSE, LONGEST_PAUSE)

    def failed(self, error: BaseException, connected: int) -> float:
        """Notes a refused connection while this many others are open. Returns the seconds after which to try again: if
        others are open or connecting, only this connection rests."""
        if connected:
            connected += self.connecting
            if connected != self._reported:
                log.warning("the relay accepts only %d connections: %s", connected, error)
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
