"""The mail catcher: an SMTP server on loopback, in the demo's event loop, that writes mail to the mailbox."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from hmac import compare_digest
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from demo.mailbox import Caught, Line, Mail, Mailbox

WRITE_EVERY = 0.1
MAX_MAIL_BYTES = 25_000_000
USER = "demo-mailbox"
"""Clients log in with this demo's password, so that mail from another demo is refused."""
NO_MAILBOX = "nobody."
"""The prefix of domains without mailboxes."""


class Catcher:
    """Buffers mails briefly and writes them in batches, in a thread; reads flush the buffer first."""

    def __init__(self, path: Path, password: str) -> None:
        self.password = password
        self._mailbox = Mailbox(path)
        self._waiting: list[Caught] = []
        self._writing = asyncio.Lock()
        self.port = 0

    @property
    def url(self) -> str:
        """The PLAUDIT_SMTP_URL that sends mail here."""
        return f"smtp://{USER}:{self.password}@127.0.0.1:{self.port}?tls=none"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object
    ) -> AuthResult:
        expected = LoginPassword(USER.encode(), self.password.encode())
        known = isinstance(login, LoginPassword) and compare_digest(b"\0".join(login), b"\0".join(expected))
        return AuthResult(success=known, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Log in with the user and password of the demo's PLAUDIT_SMTP_URL"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuses domains that begin with `nobody.`, to show the most common refusal of relays."""
        if address.partition("@")[2].startswith(NO_MAILBOX):
            return "550 5.1.1 Mailbox does not exist"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        source = envelope.original_content or b""
        caught = Caught(datetime.now(UTC), envelope.mail_from or "", tuple(envelope.rcpt_tos), source)
        self._waiting.append(caught)
        return "250 OK"

    async def write(self) -> None:
        """Flushes the buffer to the file."""
        async with self._writing:
            mails, self._waiting = self._waiting, []
            if mails:
                await asyncio.to_thread(self._mailbox.add, mails)

    async def write_periodically(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY)
            await self.write()

    async def newest(self, recipient: str = "", *, before: int | None = None, limit: int = 50) -> list[Line]:
        await self.write()
        async with self._writing:
            return await asyncio.to_thread(partial(self._mailbox.newest, recipient, before=before, limit=limit))

    async def count(self, recipient: str = "") -> int:
        await self.write()
        async with self._writing:
            return await asyncio.to_thread(self._mailbox.count, recipient)

    async def mail(self, key: int) -> Mail | None:
        await self.write()
        async with self._writing:
            return await asyncio.to_thread(self._mailbox.mail, key)

    async def clear(self) -> None:
        await self.write()
        async with self._writing:
            await asyncio.to_thread(self._mailbox.clear)

    def close(self) -> None:
        self._mailbox.close()


@asynccontextmanager
async def catching(path: Path, password: str, port: int = 0) -> AsyncIterator[Catcher]:
    """Listens on loopback; uses a free port if this one is taken."""
    catcher = Catcher(path, password)
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            catcher,
            data_size_limit=MAX_MAIL_BYTES,
            enable_SMTPUTF8=True,
            ident="Plaudit's mail catcher",
            auth_require_tls=False,
            authenticator=catcher.authenticate,
            loop=loop,
        )

    try:
        server = await loop.create_server(protocol, "127.0.0.1", port)
    except OSError:
        server = await loop.create_server(protocol, "127.0.0.1", 0)
    catcher.port = server.sockets[0].getsockname()[1]
    writer = asyncio.create_task(catcher.write_periodically())
    try:
        yield catcher
    finally:
        server.close()
        writer.cancel()
        with suppress(asyncio.CancelledError):
            await writer
        await catcher.write()
        catcher.close()
