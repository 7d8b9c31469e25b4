"""Whether the relay can be used: how many connections it accepts, and how long to wait after it refused one."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import aiosmtplib

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
SHORTEST_LOGIN_PAUSE, LONGEST_LOGIN_PAUSE = 15.0, 900.0
"""After a refused login: few enough attempts not to lock the account."""
REST_SECONDS = 60.0
"""How long a connection that the relay refused beside others stays closed."""
log = logging.getLogger(__name__)


class Health:
    """Shared by all connections to a relay. While the relay is down, only one of them connects at a time."""

    def __init__(self) -> None:
        self.pause = 0.0
        self.is_down = False
        self.connecting = 0
        self._door = asyncio.Lock()
        self._reported = 0

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Admits one attempt to connect at a time while the relay is down."""
        async with self._door if self.is_down else nullcontext():
            self.connecting += 1
            try:
                yield
            finally:
                self.connecting -= 1

    def succeeded(self) -> None:
        self.is_down, self.pause = False, 0.0

    def failed(self, error: BaseException, connected: int) -> float:
        """Notes a refused connection while this many others are open. Returns the seconds after which to try again: if
        others are open or connecting, only this connection rests."""
        if connected:
            if connected != self._reported:
                log.warning("the relay accepts only %d connections: %s", connected, type(error).__name__)
            self._reported = connected
            return REST_SECONDS
        shortest, longest = SHORTEST_PAUSE, LONGEST_PAUSE
        if isinstance(error, aiosmtplib.SMTPAuthenticationError):
            shortest, longest = SHORTEST_LOGIN_PAUSE, LONGEST_LOGIN_PAUSE
        elif self.connecting:  # which shows whether the relay is down
            return SHORTEST_PAUSE
        self.is_down = True
        self.pause = min(max(self.pause * 2, shortest), longest) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
        return self.pause
