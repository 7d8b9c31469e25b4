"""Logs a problem that prevents a process from working once, and once when it is solved, instead of on every retry."""

import asyncio
import logging
from collections.abc import Sequence

import asyncpg

from models.clock import first_of
from models.faults import is_lost
from plaudit import diagnosis, readiness
from plaudit.addresses import database_address
from plaudit.run import Part
from plaudit.settings import Settings
from wire.counts import Counts, OwnCounts

CHECK_SECONDS, PROBLEM_CHECK_SECONDS = 10.0, 2.0
_MIN_INTERVAL_SECONDS = 1.0
_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.TooManyConnectionsError,
)
"""Errors with which the server refuses connections; the check logs the cause and the remedy."""
log = logging.getLogger(__name__)


class Watch(logging.Filter):
    """Monitors the database of a process. As a log filter, it drops lines whose `cause` is a lost connection and checks the
    database instead, which logs one line rather than one per retry. Of the processes that share the counts, one logs each
    problem."""

    def __init__(self, settings: Settings, pools: Sequence[str], counts: Counts | None = None) -> None:
        super().__init__()
        self.usable = asyncio.Event()
        self._settings, self._pools = settings, pools
        self._problems: dict[str, str] = {}
        self._counts = counts or OwnCounts()
        self._logged_here: set[str] = set()
        self._check_now = asyncio.Event()
        self._lost: BaseException | None = None

    def report(self, what: str, problem: str | None) -> None:
        """Logs a new problem, or that the previous one is solved."""
        before = self._problems.get(what)
        if problem is None:
            self._problems.pop(what, None)
            if what in self._logged_here:
                log.info("%s: works again", what)
                self._logged_here.remove(what)
                self._counts.give_back(("problem", what))
        elif problem != before:
            self._problems[what] = problem
            if self._is_to_log(what):
                log.error("%s", problem)

    def _is_to_log(self, what: str) -> bool:
        """Whether this process is the one that logs the problem, from its beginning to its end."""
        if what not in self._logged_here and self._counts.take(("problem", what), 1):
            self._logged_here.add(what)
        return what in self._logged_here

    def report_relay(self, error: BaseException | None) -> None:
        """Reports an error of connecting to the relay, or success if None."""
        self.report("mail relay", diagnosis.of_relay(error, self._settings.relay) if error else None)

    def filter(self, record: logging.LogRecord) -> bool:
        cause = getattr(record, "cause", None) or (record.exc_info or (None, None))[1]
        if not (is_lost(cause) or isinstance(cause, _REFUSED)):
            return True
        self._lost = cause
        self._check_now.set()
        return False

    async def run(self, stop: asyncio.Event) -> None:
        """Checks until `stop`. Raises WrongDatabaseError, which ends the process."""
        handlers = list(logging.getLogger().handlers)
        for handler in handlers:
            handler.addFilter(self)
        try:
            while not stop.is_set():
                await self.check()
                await first_of(stop, seconds=_MIN_INTERVAL_SECONDS)
                interval = PROBLEM_CHECK_SECONDS if self._problems else CHECK_SECONDS
                await first_of(stop, self._check_now, seconds=interval)
        finally:
            for handler in handlers:
                handler.removeFilter(self)

    async def check(self) -> None:
        """Checks once. Raises WrongDatabaseError."""
        lost, self._lost = self._lost, None
        self._check_now.clear()
        was_down = "database" in self._problems
        state, problem = await readiness.check(self._settings, self._pools)
        self.report("database", problem)
        if problem is not None:
            return
        if state is not None and state.newer:
            at = database_address(self._settings.database_url)
            self.report("database's version", diagnosis.newer(at, max(state.newer)))
        if lost is not None and not was_down:
            log.warning("a connection to the database was lost (%s); the database responds again", type(lost).__name__)
        self.usable.set()

    def after(self, part: Part) -> Part:
        """Starts the part once the database is usable."""

        async def wait(stop: asyncio.Event) -> None:
            await first_of(stop, self.usable)
            if not stop.is_set():
                await part(stop)

        return wait
