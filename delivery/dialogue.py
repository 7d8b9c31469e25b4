"""Commands out and replies in, in order, over an open connection to a relay; several commands can be under way (RFC 2920)."""

import asyncio
from collections import deque

from aiosmtplib import SMTPResponse, SMTPServerDisconnected

LONGEST_LINE, LONGEST = 8_192, 65_536
"""Bytes of a line of a reply, and of everything that was received and not read."""


class BrokenReplyError(SMTPServerDisconnected):
    """What the relay sent is no reply (RFC 5321, 4.2), so nothing that follows can be understood."""


class Dialogue(asyncio.Protocol):
    """Takes over the transport of a connection whose greeting, TLS and login are done. After any error, it is closed."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._buffer = bytearray()
        self._lines: list[bytes] = []
        """The lines of a reply that is not complete."""
        self._replies: deque[SMTPResponse] = deque()
        self._end: Exception | None = None
        self._news = asyncio.Event()
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        return self._end is None and not self._transport.is_closing()

    def send(self, data: bytes) -> None:
        """Raises SMTPServerDisconnected, having written nothing, if the connection has ended, or if the relay has said something
        unasked, since it would be taken for the reply to this."""
        if not self.is_open:
            raise self._end or SMTPServerDisconnected("the connection was closed")
        if self._replies or self._lines or self._buffer:
            raise BrokenReplyError("the relay said something unasked")
        self._transport.write(data)

    async def reply(self, seconds: float) -> SMTPResponse:
        """The next reply. Raises SMTPServerDisconnected if the connection ends first, TimeoutError after the time limit."""
        async with asyncio.timeout(seconds):
            while not self._replies:
                if self._end is not None:
                    raise self._end
                self._news.clear()
                await self._news.wait()
        return self._replies.popleft()

    def close(self) -> None:
        self._finish(SMTPServerDisconnected("the connection was closed"))
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            self._read_lines()
        except BrokenReplyError as error:
            self._finish(error)
            self._transport.abort()

    def _read_lines(self) -> None:
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[: end + 1]).rstrip(b"\r\n")
            del self._buffer[: end + 1]
            self._read_line(line)
        if len(self._buffer) > LONGEST_LINE or sum(map(len, self._lines)) > LONGEST or len(self._replies) > 100:
            raise BrokenReplyError("the relay sends more than a reply")

    def _read_line(self, line: bytes) -> None:
        """Adds a line; the last one of a reply has no hyphen after the code."""
        if not line[:3].isdigit() or len(line) > LONGEST_LINE:
            raise BrokenReplyError(f"not a reply: {line[:80]!r}")
        self._lines.append(line)
        if line[3:4] != b"-":
            text = b"\n".join(one[4:].strip() for one in self._lines).decode("utf-8", "surrogateescape")
            self._replies.append(SMTPResponse(int(line[:3]), text))
            self._lines = []
            self._news.set()

    def eof_received(self) -> None:
        self._finish(SMTPServerDisconnected("the relay closed the connection"))

    def connection_lost(self, exc: Exception | None) -> None:
        error = SMTPServerDisconnected("the connection was lost")
        error.__cause__ = exc
        self._finish(error)

    def _finish(self, error: Exception) -> None:
        self._end = self._end or error
        self._news.set()
