"""Sends messages to an SMTP relay (RFC 5321), phase by phase on reused connections, to know whether a message may have
been sent."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import aiosmtplib

from delivery.transport import Answer, Envelope, Verdict

MAX_MESSAGES = 100
"""Relays typically limit the messages on one connection to about this."""
LONGEST_IDLE = 30.0
COMMAND_SECONDS, DATA_SECONDS = 60.0, 300.0
LONGEST_REPLY = 500
# Checked here too, since the library's lenient parser could let another recipient in.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay and its credentials. `tls` is required (from the first byte), starttls (or it counts as down) or none."""

    host: str
    port: int
    tls: str = "none"
    username: str | None = None
    password: str | None = None


OnConnect = Callable[[BaseException | None], None]
"""Called after each attempt to connect, with the error, or None if it succeeded."""


class _Connection:
    """A connection to the relay, replaced when it is too old or its state is unknown."""

    def __init__(self, relay: Relay, on_connect: OnConnect | None = None) -> None:
        self.relay, self.on_connect = relay, on_connect
        self.client: aiosmtplib.SMTP | None = None
        self.sent = 0
        self.used = 0.0

    async def ready(self) -> aiosmtplib.SMTP:
        """Returns a connection that the relay has greeted. Raises the library's errors."""
        if self.client is not None and (self.sent >= MAX_MESSAGES or time.monotonic() - self.used > LONGEST_IDLE):
            await self.quit()
        if self.client is None or not self.client.is_connected:
            self.client = await self._connect()
            self.sent = 0
        self.used = time.monotonic()
        return self.client

    async def _connect(self) -> aiosmtplib.SMTP:
        relay = self.relay
        client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            use_tls=relay.tls == "required",
            start_tls=relay.tls == "starttls",
            timeout=COMMAND_SECONDS,
        )
        try:
            await client.connect()
            if relay.username:
                await client.login(relay.username, relay.password or "")
            else:
                await client.ehlo()
        except BaseException as error:
            client.close()
            if self.on_connect and isinstance(error, Exception):
                self.on_connect(error)
            raise
        if self.on_connect:
            self.on_connect(None)
        return client

    def drop(self) -> None:
        if self.client is not None:
            self.client.close()
        self.client = None

    async def quit(self) -> None:
        if self.client is not None and self.client.is_connected:
            try:
                await self.client.quit(timeout=5)
            except (aiosmtplib.SMTPException, OSError):
                self.client.close()
        self.client = None


class SmtpTransport:
    """A pool of a few connections."""

    def __init__(self, relay: Relay, connections: int = 4, on_connect: OnConnect | None = None) -> None:
        self.connections = connections
        self._free: asyncio.LifoQueue[_Connection] = asyncio.LifoQueue()
        self._all = [_Connection(relay, on_connect) for _ in range(connections)]
        for connection in self._all:
            self._free.put_nowait(connection)

    async def send(self, envelope: Envelope) -> Answer:
        """Sends a message at most once."""
        for address in (envelope.sender, envelope.recipient):
            if not _ADDRESS.fullmatch(address):
                return Answer(Verdict.REFUSED, "501 invalid address")
        connection = await self._free.get()
        try:
            return await _send(connection, envelope)
        finally:
            self._free.put_nowait(connection)

    async def close(self) -> None:
        for connection in self._all:
            await connection.quit()


async def can_connect(relay: Relay, on_connect: OnConnect) -> bool:
    """Whether the relay accepts a connection and our credentials."""
    connection = _Connection(relay, on_connect)
    try:
        await connection.ready()
    except (aiosmtplib.SMTPException, OSError):
        return False
    await connection.quit()
    return True


async def _send(connection: _Connection, envelope: Envelope) -> Answer:
    refused = await _send_envelope(connection, envelope)
    if refused is not None:
        return refused
    client = connection.client
    assert client is not None
    connection.sent += 1
    try:
        code, text = await client.data(envelope.message, timeout=DATA_SECONDS)
    except aiosmtplib.SMTPDataError as refusal:
        await _reset(connection)  # where DATA itself was refused, the relay still waits for it
        return Answer(Verdict.REFUSED if refusal.code >= 500 else Verdict.DEFERRED, _reply(refusal))
    except (aiosmtplib.SMTPException, OSError) as lost:
        # The error is the same before and after the final dot, so the message may have been sent.
        connection.drop()
        return Answer(Verdict.UNKNOWN, type(lost).__name__)
    except BaseException:
        connection.drop()
        raise
    return Answer(Verdict.SENT, f"{code} {text}"[:LONGEST_REPLY])


async def _send_envelope(connection: _Connection, envelope: Envelope) -> Answer | None:
    """Sends MAIL and RCPT. Returns None to continue with DATA; otherwise the message was not sent."""
    try:
        client = await connection.ready()
        await client.mail(envelope.sender, options=_size(client, envelope))
    except aiosmtplib.SMTPSenderRefused as refusal:
        # Whatever the code, the relay responds, so it is this sender (or size) that it does not accept now.
        return Answer(Verdict.HELD_BACK, _reply(refusal))
    except (aiosmtplib.SMTPException, OSError) as error:
        connection.drop()
        return Answer(Verdict.DOWN, _reply(error))
    except BaseException:
        connection.drop()
        raise
    try:
        await client.rcpt(envelope.recipient)
    except aiosmtplib.SMTPRecipientRefused as refusal:
        await _reset(connection)
        return Answer(Verdict.REFUSED if refusal.code >= 500 else Verdict.DEFERRED, _reply(refusal))
    except (aiosmtplib.SMTPException, OSError) as error:
        connection.drop()
        return Answer(Verdict.DOWN, _reply(error))
    except BaseException:
        connection.drop()
        raise
    return None


def _size(client: aiosmtplib.SMTP, envelope: Envelope) -> list[str]:
    """The SIZE option, if the relay supports it (RFC 1870), so that it can refuse before the body."""
    return [f"SIZE={len(envelope.message)}"] if client.supports_extension("size") else []


async def _reset(connection: _Connection) -> None:
    try:
        if connection.client is not None:
            await connection.client.rset()
    except (aiosmtplib.SMTPException, OSError):
        connection.drop()


def _reply(error: BaseException) -> str:
    code, message = getattr(error, "code", None), getattr(error, "message", None)
    return f"{code} {message}"[:LONGEST_REPLY] if code else type(error).__name__
