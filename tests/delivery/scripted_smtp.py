"""An SMTP server on loopback that follows a script and records what it receives."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_MESSAGE_ID = re.compile(rb"^Message-ID: <([0-9a-f]{32})@", re.MULTILINE | re.IGNORECASE)
HANG, DROP = "hang", "drop"
"""Instead of a reply, stays silent or closes the connection."""


@dataclass
class ScriptedSmtp:
    """`replies` maps "connect", "EHLO", "MAIL", "RCPT", "DATA", "body" (during the text) and "." (after it), or "MAIL" or "RCPT"
    with an address, to a reply, HANG or DROP. By default, everything is accepted. `accepted` holds the texts answered with 250,
    HANG or DROP."""

    replies: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    accepted: list[bytes] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: int = 0
    pipelining: bool = False
    """Whether it offers PIPELINING; commands may come together anyway."""
    max_connections: int = 1000
    """A further one is refused with 421."""
    hangs_up_after_each: bool = False
    """Whether it closes the connection, without a word, when it has accepted a message."""
    silent_after: int = 1_000_000
    """When it has accepted so many messages, it no longer answers RCPT."""
    _serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def copies(self) -> Counter[str]:
        """How many copies of each message were accepted, by the hex of its key."""
        found = [_MESSAGE_ID.search(text) for text in self.accepted]
        return Counter(match[1].decode() for match in found if match)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ScriptedSmtp"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._serving:
                task.cancel()
            if self._serving:
                await asyncio.wait(self._serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                if len(self._serving) > self.max_connections:
                    await self._say("", "421 4.3.2 too many connections", writer)
                elif await self._say("connect", "220 scripted", writer):
                    await self._talk(reader, writer)
        finally:
            self._serving.discard(task)
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        in_transaction = has_recipient = False  # a second MAIL is an error then (RFC 5321, 4.1.4)
        while line := (await reader.readline()).decode():
            verb = line[:4].upper().strip()
            address = line.partition("<")[2].partition(">")[0]
            if verb in ("MAIL", "RCPT"):
                (self.senders if verb == "MAIL" else self.recipients).append(address)
            if verb == "MAIL" and in_transaction:
                await self._say("", "503 nested MAIL", writer)
                continue
            if verb == "RCPT" and not in_transaction:
                await self._say("", "503 MAIL first", writer)
                continue
            in_transaction = in_transaction and verb not in ("RSET", "EHLO")
            if verb == "DATA" and not has_recipient:
                await self._say("", "554 5.5.1 no valid recipients", writer)
                continue
            if verb == "DATA":
                if not await self._data(reader, writer):
                    return
                in_transaction = has_recipient = self.replies.get("DATA", "354")[:3] != "354"
                continue
            offered = "250-PIPELINING\r\n" if self.pipelining else ""
            greeting = f"250-scripted\r\n{offered}250 SIZE 10000000"
            default = {"EHLO": greeting, "QUIT": "221 bye"}.get(verb, "250 OK")
            stage = f"{verb} {address}" if f"{verb} {address}" in self.replies else verb
            if verb == "RCPT" and len(self.accepted) >= self.silent_after:
                await asyncio.Event().wait()
            if verb == "RCPT":
                has_recipient = self.replies.get(stage, default).startswith("25")
            in_transaction = in_transaction or (verb == "MAIL" and self.replies.get(stage, default).startswith("25"))
            if not await self._say(stage, default, writer) or verb == "QUIT":
                return

    async def _data(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if not await self._say("DATA", "354 go ahead", writer):
            return False
        if self.replies.get("DATA", "354")[:3] != "354":
            return True
        if "body" in self.replies:
            await reader.read(10)
            return await self._say("body", "", writer)
        body = await reader.readuntil(b"\r\n.\r\n")
        reply = self.replies.get(".", "250")
        if reply.startswith("250") or reply in (HANG, DROP):
            self.accepted.append(body[:-3])
        return await self._say(".", "250 accepted", writer) and not self.hangs_up_after_each

    async def _say(self, stage: str, default: str, writer: asyncio.StreamWriter) -> bool:
        reply = self.replies.get(stage, default)
        if reply == HANG:
            await asyncio.Event().wait()
        if reply == DROP:
            writer.transport.abort()
            return False
        writer.write(f"{reply}\r\n".encode("utf-8", "surrogateescape"))
        await writer.drain()
        return not reply.startswith(("221", "421"))
