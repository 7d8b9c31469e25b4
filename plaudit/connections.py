"""HTTP connections: a time limit for a request's headers, and a cap on how many are open."""

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
    """`most`: open connections, websockets included. `backlog`: connections that the kernel keeps until accepted."""

    most: int
    backlog: int
    header_seconds: float = 10.0
    idle_seconds: int = 65
    """Between requests; longer than a proxy keeps its side open, or its next request would meet a closed connection."""


def limits() -> Limits:
    """From what the process may open: half for connections, a quarter for those not accepted yet, the rest for us."""
    files = raise_open_files()
    return Limits(most=min(10_000, files // 2), backlog=min(2048, files // 4))


def raise_open_files() -> int:
    """Raises the soft limit of open files to the hard one, or to 65,536; how many may be open then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # macOS has a lower limit than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_FILES if soft == resource.RLIM_INFINITY else soft


def protocol(limits: Limits) -> type[H11Protocol]:
    """What uvicorn makes for each connection that a gateway accepts."""

    class Limited(_Connection):
        _door = _Door(limits)

    return Limited


@dataclass
class _Door:
    """What the connections of a gateway share: those that answer no request at the moment, the oldest first."""

    limits: Limits
    waiting: dict["_Connection", None] = field(default_factory=dict)


class _Connection(H11Protocol):
    """uvicorn's, which has a time limit between requests but none for a request that never becomes complete."""

    _door: _Door
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        if len(self.connections) > self._door.limits.most:
            self._make_room()
        self._look()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look(timed=False)

    def connection_lost(self, exc: Exception | None) -> None:
        self.leave()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self.leave()
        super().handle_websocket_upgrade(event)

    def _look(self, *, timed: bool = True) -> None:
        """Whether a request is being answered, or waited for; `timed`: it has begun, or is the first one."""
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering or self.transport.is_closing() or self.transport.get_protocol() is not self:
            self.leave()
            return
        self._door.waiting.setdefault(self)
        if timed and self._deadline is None:
            self._deadline = self.loop.call_later(self._door.limits.header_seconds, self.transport.abort)

    def leave(self) -> None:
        self._door.waiting.pop(self, None)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _make_room(self) -> None:
        """Closes the connection that has waited longest; where all are busy, this one."""
        oldest = next(iter(self._door.waiting), None)
        if oldest is not None:
            oldest.leave()
            oldest.transport.abort()
        else:
            self.transport.write(_BUSY)
            self.transport.close()
