"""HTTP connections: limits on the time and size of a request's headers, and on open connections."""

import asyncio
import resource
from contextlib import suppress
from dataclasses import dataclass, field

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MAX_FILES = 65_536
MAX_HEAD = 65_536
"""The bytes that may arrive without a whole head or a part of a body: heads, trailers and the sizes of chunks."""
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


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


def protocol(limits: Limits) -> type[HttpToolsProtocol]:
    """The protocol class that uvicorn creates for each connection."""

    class Limited(_Connection):
        _shared = _Shared(limits)

    return Limited


@dataclass
class _Shared:
    """State shared by the connections of a gateway: those not answering a request, oldest first."""

    limits: Limits
    waiting: dict["_Connection", None] = field(default_factory=dict)


class _Connection(HttpToolsProtocol):
    """Adds limits for incomplete requests to uvicorn's protocol."""

    _shared: _Shared
    _deadline: asyncio.TimerHandle | None = None
    _running: RequestResponseCycle | None = None
    """The request that is being answered; `cycle` is the last one, and more may wait between them."""
    _head = 0
    heard_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        if len(self.connections) > self._shared.limits.max_open:
            self._make_room()
        self._update()

    def data_received(self, data: bytes) -> None:
        self.heard_at = self.loop.time()
        self._head += len(data)
        self._unset_keepalive_if_required()
        try:
            self._read(memoryview(data))
        except httptools.HttpParserUpgrade:
            self.handle_websocket_upgrade()
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
        if self._head > MAX_HEAD:
            self._refuse_head()
        self._update()

    def _read(self, data: memoryview) -> None:
        """Goes on with HTTP/1.1 where another protocol is offered; the parser would skip the body, and httptools' own protocol
        class loses it. Raises HttpParserUpgrade for websockets alone."""
        while True:
            try:
                self.parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as offered:
                if not self._declines():
                    raise
                data = data[offered.args[0] :]
            offer, self.parser = self._without_offer(), httptools.HttpRequestParser(self)
            self.parser.feed_data(offer)

    def _declines(self) -> bool:
        return self.parser.should_upgrade() and not self._should_upgrade()

    def _without_offer(self) -> bytes:
        """The head that was read, without what offers another protocol. Raises HttpParserError for CONNECT, which is no offer."""
        method = self.parser.get_method()
        if method == b"CONNECT":
            raise httptools.HttpParserError
        version = self.parser.get_http_version().encode()
        kept = b"".join(b"%s: %s\r\n" % one for one in self.headers if one[0] != b"upgrade")
        return b"%s %s HTTP/%s\r\n%s\r\n" % (method, self.url, version, kept)

    def on_headers_complete(self) -> None:
        self._head = 0
        if not self._declines():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self._declines():
            super().on_message_complete()

    def on_body(self, body: bytes) -> None:
        self._head = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._update(timed=False)

    def connection_lost(self, exc: Exception | None) -> None:
        self.leave()
        super().connection_lost(exc)
        if self._running is not None:
            self._running.disconnected = True
            self._running.message_event.set()

    def handle_websocket_upgrade(self) -> None:
        self.leave()
        super().handle_websocket_upgrade()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _refuse_head(self) -> None:
        if self._is_answering():
            self.transport.abort()
        elif not self.transport.is_closing():
            self.transport.write(_TOO_LONG)
            self.transport.close()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _update(self, *, timed: bool = True) -> None:
        """Records whether the connection waits for a request and, if `timed`, limits how long."""
        if self._is_answering() or self.transport.is_closing() or self.transport.get_protocol() is not self:
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
