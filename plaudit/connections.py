"""HTTP connections: a time limit for a request's headers, and a limit on open connections."""

import asyncio
import resource
from contextlib import suppress
from dataclasses import dataclass, field

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_FILES = 65_536
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True)
class Limits:
    """`max_open` limits open connections, including websockets; `backlog`, those not yet accepted."""

    max_open: int
    backlog: int
    header_seconds: float = 10.0
    idle_seconds: int = 65
    """Between requests. Longer than the idle timeout of proxies, so that they do not reuse a closed connection."""


def limits() -> Limits:
    """Splits the limit of open files: half for connections, a quarter for the backlog, the rest for everything else."""
    files = raise_open_files()
    return Limits(max_open=min(10_000, files // 2), backlog=min(2048, files // 4))


def raise_open_files() -> int:
    """Raises the soft limit of open files to the hard limit, but at most 65,536; returns the new limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # macOS reports a higher limit than it allows
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_FILES if soft == resource.RLIM_INFINITY else soft


def protocol(limits: Limits) -> type[H11Protocol]:
    """The protocol class that uvicorn creates for each connection."""

    class Limited(_Connection):
        _shared = _Shared(limits)

    return Limited


@dataclass
class _Shared:
    """State shared by the connections of a gateway: those not answering a request, oldest first."""

    limits: Limits
    waiting: dict["_Connection", None] = field(default_factory=dict)


class _Connection(H11Protocol):
    """Adds to uvicorn's protocol a time limit for incomplete requests."""

    _shared: _Shared
    _deadline: asyncio.TimerHandle | None = None
    heard_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        if len(self.connections) > self._shared.limits.max_open:
            self._make_room()
        self._update()

    def data_received(self, data: bytes) -> None:
        self.heard_at = self.loop.time()
        super().data_received(data)
        self._update()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._update(timed=False)

    def connection_lost(self, exc: Exception | None) -> None:
        self.leave()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self.leave()
        super().handle_websocket_upgrade(event)

    def _update(self, *, timed: bool = True) -> None:
        """Records whether the connection waits for a request and, if `timed`, limits how long."""
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering or self.transport.is_closing() or self.transport.get_protocol() is not self:
            self.leave()
            return
        self._shared.waiting.setdefault(self)
        if timed and self._deadline is None:
            self._deadline = self.loop.call_later(self._shared.limits.header_seconds, self.transport.abort)

    def leave(self) -> None:
        self._shared.waiting.pop(self, None)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _longest_silent_body(self) -> "_Connection | None":
        """The connection with an incomplete body from which nothing has arrived for the longest time."""
        receiving = [
            one
            for one in self.connections
            if isinstance(one, _Connection) and one.cycle is not None and one.cycle.more_body
        ]
        return min(receiving, key=lambda one: one.heard_at, default=None)

    def _make_room(self) -> None:
        """Closes the connection that has waited longest, otherwise the one that has been silent in its body for longest, or
        this one if all are busy."""
        oldest = next(iter(self._shared.waiting), None) or self._longest_silent_body()
        if oldest is not None:
            oldest.leave()
            oldest.transport.abort()
        else:
            self.transport.write(_BUSY)
            self.transport.close()
