"""Live updates: one LISTEN connection per process; a notification wakes the subscriptions to the keys that it names."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from models.clock import first_of
from models.commands import activity, import_progress
from models.connection import Connection, retry_pause
from models.faults import log_fault

log = logging.getLogger(__name__)
PROBE_SECONDS = 2.0
CHANNELS = (import_progress.CHANNEL, activity.CHANNEL)


class Live:
    """Wakes waiting subscriptions. After a lost connection, it listens again and then wakes all, so that none misses a change."""

    def __init__(self, direct_url: str) -> None:
        self.direct_url = direct_url
        self.listening = asyncio.Event()
        self._waiting: dict[str, set[asyncio.Event]] = {}

    @property
    def waits_for(self) -> str | None:
        """Why subscriptions get no updates; None if they do."""
        return None if self.listening.is_set() else "The gateway is not listening for changes yet; wait a moment."

    @property
    def is_awaited(self) -> bool:
        """Whether any subscription waits."""
        return bool(self._waiting)

    async def run(self) -> None:
        """Listens until cancelled."""
        attempts = 0
        while True:
            lost: Exception = ConnectionError("the server closed it")
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001 - must listen again after any error
                lost = error
            attempts = 0 if self.listening.is_set() else attempts + 1
            self.listening.clear()
            seconds = retry_pause(attempts)
            log_fault(log, f"not listening for changes; connecting again in {seconds:.1f} s", lost)
            await asyncio.sleep(seconds)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self.direct_url, timeout=3, connection_class=Connection)
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            for channel in CHANNELS:
                await connection.add_listener(channel, lambda _c, _pid, _channel, payload: self._notified(payload))
            for key in list(self._waiting):
                self._wake(key)
            self.listening.set()
            while not lost.is_set():
                await first_of(lost, seconds=PROBE_SECONDS)
                if not lost.is_set():
                    await connection.fetchval("select 1", timeout=PROBE_SECONDS)  # detects a half-open connection
        finally:
            connection.terminate()

    def _notified(self, payload: str) -> None:
        for key in payload.partition(":")[0].split(","):
            self._wake(key)

    def _wake(self, key: str) -> None:
        for event in self._waiting.get(key, ()):
            event.set()

    @contextmanager
    def wake_event(self, *keys: str) -> Iterator[asyncio.Event]:
        """An event that is set on every notification for one of these keys."""
        event = asyncio.Event()
        for key in keys:
            self._waiting.setdefault(key, set()).add(event)
        try:
            yield event
        finally:
            for key in keys:
                self._forget(key, event)

    def _forget(self, key: str, event: asyncio.Event) -> None:
        self._waiting[key].discard(event)
        if not self._waiting[key]:
            del self._waiting[key]
