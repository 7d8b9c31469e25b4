"""HTTP connections: limits on the time and size of a request's headers, and on open connections."""

import asyncio
import resource
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_FILES = 65_536
MAX_HEAD = 65_536
"""The bytes that may arrive without a whole head or a part of a body: heads, trailers and the sizes of chunks."""
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_EMPTY_LINE = b"\r\n\r\n"
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


def _parser(protocol: HttpToolsProtocol) -> httptools.HttpRequestParser:
    """A parser like uvicorn's, which ignores what follows a last request."""
    parser = httptools.HttpRequestParser(protocol)
    parser.set_dangerous_leniencies(lenient_data_after_close=True)
    return parser


def _check(method: bytes, version: str, headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Raises _RefusedError for what the parser accepts although it should not be served."""
    is_known = version == "1.0" or (version == "1.1" and any(name == b"host" for name, _ in headers))
    is_plain = all(value.lower() == b"chunked" for name, value in headers if name == b"transfer-encoding")
    if method == b"CONNECT" or not is_known or not is_plain:
        raise _RefusedError


@dataclass
class _Shared:
    """State shared by the connections of a gateway: those not answering a request, oldest first."""

    limits: Limits
    waiting: dict["_Connection", None] = field(default_factory=dict)


class _Flow(FlowControl):
    """Whether a connection reads; it does not while it holds what was sent behind the request that is being answered."""

    is_holding = False

    def hold(self, holding: bool) -> None:
        was_holding, self.is_holding = self.is_holding, holding
        if holding:
            self.pause_reading()
        elif was_holding:
            self.resume_reading()

    def resume_reading(self) -> None:
        if not self.is_holding:
            super().resume_reading()


class _RefusedError(Exception):
    """This is no request that HTTP/1.1 (RFC 9112) allows, or one that is not supported."""


class _HeadTooLongError(Exception):
    """More than MAX_HEAD bytes have arrived without a whole head or a part of a body."""


class _Connection(HttpToolsProtocol):
    """Adds limits for incomplete requests to uvicorn's protocol, and parses requests one at a time: the next one when the last one
    has been answered."""

    flow: _Flow
    _shared: _Shared
    _deadline: asyncio.TimerHandle | None = None
    _arrived = b""
    _read = 0
    """How much of what has arrived was read: reading copies only the part that is read."""
    _last = b""
    """The last bytes of what is not a body, to find where a head or a trailer ends."""
    _head = 0
    _body_left = 0
    """Of a body whose length is known."""
    _in_body = False
    heard_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        self.flow = _Flow(transport)
        if len(self.connections) > self._shared.limits.max_open:
            self._make_room()
        self._update()

    def data_received(self, data: bytes) -> None:
        self.heard_at = self.loop.time()
        self._arrived, self._read = self._arrived[self._read :] + data, 0
        self._read_on()
        self._update()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.unread:
            self._read_on()
        self._update(timed=self._head > 0)

    def connection_lost(self, exc: Exception | None) -> None:
        self.leave()
        super().connection_lost(exc)

    @property
    def unread(self) -> int:
        """How many bytes wait behind the request that is being answered."""
        return len(self._arrived) - self._read

    def _read_on(self) -> None:
        """Reads to the end of a request, or to the end of what has arrived."""
        if self.transport.is_closing():
            return
        self._unset_keepalive_if_required()
        try:
            while self.unread and not self._has_whole_request():
                self._feed(self._next_part())
        except httptools.HttpParserUpgrade:
            self.handle_websocket_upgrade()
        except httptools.HttpParserError:
            self._refuse(partial(self.send_400_response, "Invalid HTTP request received."))
        except _HeadTooLongError:
            self._refuse(partial(self.transport.write, _TOO_LONG))
        else:
            self.flow.hold(self.unread > 0)
        if not self.unread:
            self._arrived, self._read = b"", 0  # an idle connection keeps nothing

    def _next_part(self) -> bytes:
        """Takes what belongs to a body, or ends with an empty line, from what has arrived: no more than one request is in it."""
        begins = self._read
        if self._body_left:
            self._read += min(self._body_left, self.unread)
            self._body_left -= self._read - begins
        else:
            # The empty line may have begun with the last part.
            seam = (self._last + self._arrived[begins : begins + 3]).find(_EMPTY_LINE)
            at = begins + seam - len(self._last) if seam >= 0 else self._arrived.find(_EMPTY_LINE, begins)
            self._read = at + len(_EMPTY_LINE) if seam >= 0 or at >= 0 else len(self._arrived)
        part = self._arrived[begins : self._read]
        self._last = (self._last + part[-3:])[-3:]
        return part

    def _feed(self, part: bytes) -> None:
        self._head += len(part)
        if self._head > MAX_HEAD and not self._in_body:
            raise _HeadTooLongError
        try:
            self.parser.feed_data(part)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                raise
            # Another protocol is offered, such as HTTP/2, which curl and Java do with their first request. It is declined; the
            # parser would skip the body.
            head, self.parser = self._head_without_offer(), _parser(self)
            self.parser.feed_data(head)
        if self._head > MAX_HEAD:
            raise _HeadTooLongError

    def _head_without_offer(self) -> bytes:
        version = self.parser.get_http_version().encode()
        kept = b"".join(b"%s: %s\r\n" % one for one in self.headers if one[0] != b"upgrade")
        return b"%s %s HTTP/%s\r\n%s\r\n" % (self.parser.get_method(), self.url, version, kept)

    def on_headers_complete(self) -> None:
        self._head = 0
        _check(self.parser.get_method(), self.parser.get_http_version(), self.headers)
        if self.parser.should_upgrade():
            if self._should_upgrade():
                super().on_headers_complete()
            return
        length = dict(self.headers).get(b"content-length", b"0")
        self._in_body, self._body_left, self._last = True, int(length), b""
        super().on_headers_complete()
        self.headers = []  # of trailers, which are not used

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            self._in_body, self._head = False, 0
            super().on_message_complete()

    def on_body(self, body: bytes) -> None:
        self._head = 0
        super().on_body(body)

    def handle_websocket_upgrade(self) -> None:
        self.leave()
        super().handle_websocket_upgrade()
        if not getattr(self.transport.get_protocol(), "handshake_initiated", True):
            # It has a body or a head that is too long for a handshake, and would stay open without an answer.
            self.send_400_response("Invalid handshake received.")

    def _refuse(self, answer: Callable[[], None]) -> None:
        """Closes the connection, with this answer unless another one has begun."""
        self._arrived, self._read = b"", 0
        if self._is_answering() and self.cycle.response_started:
            self.transport.abort()
            return
        answer()
        self.transport.close()

    def _has_whole_request(self) -> bool:
        """Whether the request that is being answered has arrived completely."""
        return self._is_answering() and not self.cycle.more_body

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
