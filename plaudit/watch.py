"""Says once what keeps a process from working, and once that it works again; whoever retries need not say it each time."""

import asyncio
import logging
from collections.abc import Sequence

import asyncpg

from models.faults import LOST
from plaudit import diagnosis, readiness
from plaudit.addresses import database_address
from plaudit.run import Part
from plaudit.settings import Settings

EVERY_SECONDS, IN_TROUBLE_SECONDS = 10.0, 2.0
_NOT_SOONER_SECONDS = 1.0
_NO_CONNECTION = (*LOST, asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)
log = logging.getLogger(__name__)


class Watch(logging.Filter):
    """Looks after the database of a process. As a filter it takes lines with a lost connection as their `cause` out of the
    log, and looks at once: what it finds is one line instead of one for each retry."""

    def __init__(self, settings: Settings, pools: Sequence[str]) -> None:
        super().__init__()
        self.usable = asyncio.Event()
        self._settings, self._pools = settings, pools
        self._troubles: dict[str, str] = {}
        self._poked = asyncio.Event()
        self._lost: BaseException | None = None

    def note(self, what: str, trouble: str | None) -> None:
        """Into the log, when it has changed."""
        before = self._troubles.get(what)
        if trouble is None:
            self._troubles.pop(what, None)
            if before is not None:
                log.info("%s: works again", what)
        elif trouble != before:
            self._troubles[what] = trouble
            log.error("%s", trouble)

    def note_relay(self, error: BaseException | None) -> None:
        self.note("mail relay", diagnosis.of_relay(error, self._settings.relay) if error else None)

    def filter(self, record: logging.LogRecord) -> bool:
        cause = getattr(record, "cause", None) or (record.exc_info or (None, None))[1]
        if not isinstance(cause, _NO_CONNECTION):
            return True
        self._lost = cause
        self._poked.set()
        return False

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`. Raises WrongDatabaseError, which ends the process."""
        handlers = list(logging.getLogger().handlers)
        for handler in handlers:
            handler.addFilter(self)
        try:
            while not stop.is_set():
                await self.look()
                await first_of(stop, seconds=_NOT_SOONER_SECONDS)
                await first_of(stop, self._poked, seconds=IN_TROUBLE_SECONDS if self._troubles else EVERY_SECONDS)
        finally:
            for handler in handlers:
                handler.removeFilter(self)

    async def look(self) -> None:
        """Once. Raises WrongDatabaseError."""
        lost, self._lost = self._lost, None
        self._poked.clear()
        in_trouble = "database" in self._troubles
        state, trouble = await readiness.look(self._settings, self._pools)
        self.note("database", trouble)
        if trouble is not None:
            return
        if state is not None and state.newer:
            at = database_address(self._settings.database_url)
            self.note("database's version", diagnosis.newer(at, max(state.newer)))
        if lost is not None and not in_trouble:
            log.warning("a connection to the database was lost (%s); the database answers", type(lost).__name__)
        self.usable.set()

    def after(self, part: Part) -> Part:
        """Begins once the database can be worked on."""

        async def wait(stop: asyncio.Event) -> None:
            await first_of(stop, self.usable)
            if not stop.is_set():
                await part(stop)

        return wait


async def first_of(*events: asyncio.Event, seconds: float | None = None) -> None:
    """Until one of them is set, or so many seconds have passed."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
