"""Several processes that do the work of one: a parent starts them, replaces those that end unexpectedly, and stops them all."""

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

from plaudit.run import STOP_SECONDS, on_signals

QUICK_SECONDS = 10.0
"""A process that lives shorter than this ended at once, and the next one waits."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
MOST_FAILED_FORKS = 20
"""In a row; then the parent ends, since each leaves files of multiprocessing open."""
_KILL_SECONDS, _REAP_SECONDS = STOP_SECONDS + 1, 1.0
_STOPPING = (signal.SIGTERM, signal.SIGINT)
_fork = multiprocessing.get_context("fork")
log = logging.getLogger(__name__)


class ProcessRefusedError(RuntimeError):
    """One of the processes ended for a reason that all of them share; the message is that of its error."""


@dataclass(frozen=True, slots=True)
class Parent:
    """The parent, as its child sees it."""

    lifeline: int
    """Readable once the parent stops or is gone."""
    reports: Connection

    def started(self) -> None:
        """Tells the parent that nothing prevents this process, and so the others, from starting."""
        self.reports.send(None)

    def stop(self) -> asyncio.Event:
        """An event that SIGTERM, SIGINT and the end of the parent set."""
        stop, loop = on_signals(), asyncio.get_running_loop()

        def gone() -> None:
            loop.remove_reader(self.lifeline)
            stop.set()

        loop.add_reader(self.lifeline, gone)
        return stop


@dataclass(frozen=True, slots=True)
class Role:
    """What one of the processes does. `run` returns what to tell the user if this must not be tried again. `ended` gives back
    what a process held that could not do so itself."""

    name: str
    run: Callable[[Parent], str | None]
    ended: Callable[[], None] = lambda: None


@dataclass(slots=True)
class _Place:
    """The place of one role: its process, or when to start the next one."""

    role: Role
    process: ForkProcess | None = None
    reports: Connection | None = None
    began_at: float = 0.0
    due_at: float = 0.0
    pause: float = 0.0


def supervise(roles: Sequence[Role]) -> None:
    """Runs a process for each role until SIGTERM or SIGINT, the others once the first has started. The caller must have no
    event loop, thread or connection, since processes are forked from it. Raises ProcessRefusedError."""
    gc.collect()
    gc.freeze()  # the collector would otherwise copy the pages that all processes share
    with _waking() as bell:
        _Supervisor(roles, bell).run()


class _Supervisor:
    def __init__(self, roles: Sequence[Role], bell: socket.socket) -> None:
        self._bell = bell
        self._places = [_Place(role) for role in roles]
        self._lifeline, self._held_open = os.pipe()
        self._has_started = False
        self._failed_forks = 0

    def run(self) -> None:
        try:
            while self._wait():
                self._start_due()
        finally:
            self._stop()

    def _wait(self) -> bool:
        """Waits for the next event and handles it. False on a signal."""
        now = time.monotonic()
        due = [place.due_at - now for place in self._startable() if place.process is None]
        heard = {place.reports: place for place in self._places if place.reports is not None}
        found = wait([self._bell, *heard], min(due, default=None) if due else None)
        if self._bell in found:
            return False
        for connection in found:
            assert isinstance(connection, Connection)
            self._hear(heard[connection], connection)
        return True

    def _startable(self) -> Sequence[_Place]:
        """The first one alone shows whether anything prevents all of them from starting, so that it is told once."""
        return self._places if self._has_started else self._places[:1]

    def _start_due(self) -> None:
        for place in self._startable():
            if place.process is None and place.due_at <= time.monotonic():
                self._start(place)

    def _start(self, place: _Place) -> None:
        place.began_at = time.monotonic()
        try:
            process, place.reports = self._forked(place.role)
        except OSError as error:  # no memory, or too many processes or open files
            self._failed_forks += 1
            if not self._has_started or self._failed_forks > MOST_FAILED_FORKS:
                raise
            self._postpone(place)
            log.error("%s cannot be started (%s); tried again in %.1f s", place.role.name, error, place.pause)
        else:
            self._failed_forks, place.process = 0, process
            log.info("%s is process %d", place.role.name, process.pid)

    def _forked(self, role: Role) -> tuple[ForkProcess, Connection]:
        """A new process, and the end of the pipe that hears of it."""
        reports, theirs = _fork.Pipe(duplex=False)
        with theirs:
            process = _fork.Process(target=self._live, args=(role, theirs), name=role.name)
            try:
                process.start()
            except OSError:
                reports.close()
                raise
        return process, reports

    def _live(self, role: Role, reports: Connection) -> None:
        """The life of a child. In a session of its own, so that Ctrl-C reaches only the parent."""
        signal.set_wakeup_fd(-1)
        for number in _STOPPING:
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        os.close(self._held_open)
        refusal = role.run(Parent(self._lifeline, reports))
        if refusal is not None:
            reports.send(refusal)

    def _hear(self, place: _Place, reports: Connection) -> None:
        try:
            refusal = reports.recv()
        except (EOFError, ConnectionError):
            self._ended(place)
            return
        if refusal is not None:
            raise ProcessRefusedError(refusal)
        self._has_started = True

    def _postpone(self, place: _Place) -> None:
        """Schedules the next process, after a pause that doubles while they end at once."""
        now = time.monotonic()
        is_quick = now - place.began_at < QUICK_SECONDS
        place.pause = min(max(2 * place.pause, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS) if is_quick else 0.0
        place.due_at = now + place.pause

    def _ended(self, place: _Place) -> None:
        """Gives back what the process held, and schedules the next one. Ends everything if none has ever started."""
        process, reports = place.process, place.reports
        assert process is not None
        assert reports is not None
        process.join(_REAP_SECONDS)
        reports.close()
        place.process = place.reports = None
        place.role.ended()
        if not self._has_started:
            log.error("%s ended %s before it had started", place.role.name, _how(process.exitcode))
            raise SystemExit(max(process.exitcode or 0, 1))
        self._postpone(place)
        log.error(
            "%s (process %d) ended %s; the next one starts in %.1f s",
            place.role.name, process.pid, _how(process.exitcode), place.pause,
        )  # fmt: skip

    def _stop(self) -> None:
        """Stops all processes at once, and kills those that do not end in time."""
        os.close(self._held_open)
        processes = [place.process for place in self._places if place.process is not None]
        for process in processes:
            process.terminate()
        ends_at = time.monotonic() + _KILL_SECONDS
        for process in processes:
            process.join(max(ends_at - time.monotonic(), 0))
            if process.exitcode is None:
                log.warning("%s did not stop within %.0f s and is killed", process.name, _KILL_SECONDS)
                process.kill()
                process.join(_REAP_SECONDS)


def _how(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"by signal {-exitcode} ({signal.strsignal(-exitcode)})"
    return f"with status {exitcode}"


@contextmanager
def _waking() -> Iterator[socket.socket]:
    """A socket that becomes readable on SIGTERM and SIGINT, which otherwise do nothing."""
    bell, rung = socket.socketpair()
    with bell, rung:
        rung.setblocking(False)
        before = {number: signal.signal(number, lambda *_: None) for number in _STOPPING}
        signal.set_wakeup_fd(rung.fileno())
        try:
            yield bell
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)
