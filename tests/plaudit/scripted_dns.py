"""A DNS server on loopback that answers from a zone, by UDP and TCP, and records what it is asked."""

import asyncio
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from dns.rdata import Rdata, from_text
from dns.rdataclass import IN
from dns.rdatatype import TXT as TXT_TYPE
from dns.rdtypes.ANY.TXT import TXT

from plaudit.addresses import ResolverAddress

Zone = Mapping[str, Sequence[Rdata]]
SILENT, SERVFAIL, GARBAGE = "silent", "servfail", "garbage"
_BYTES_WITHOUT_EDNS = 512


def txt(text: str | bytes) -> TXT:
    """A record whose text is cut into strings of 255 bytes, as servers do."""
    whole = text.encode() if isinstance(text, str) else text
    return TXT(IN, TXT_TYPE, [whole[at : at + 255] for at in range(0, len(whole), 255)] or [b""])


def mx(host: str) -> Rdata:
    return from_text(IN, "MX", f"10 {host}")


def complete(domain: str) -> dict[str, Sequence[Rdata]]:
    """All records that a domain of senders needs."""
    return {
        domain: [txt("v=spf1 include:_spf.relay.example.net -all"), mx(f"mail.{domain}.")],
        f"_dmarc.{domain}": [txt("v=DMARC1; p=none")],
    }


@dataclass
class ScriptedDns:
    """`faults` maps a name, or "" for all, to SILENT, SERVFAIL or GARBAGE (by TCP). `asked`: the names, in order; `by_tcp`: those
    of TCP. `most_at_once`: how many questions were open at once, if each answer takes `delay` seconds."""

    zone: Zone = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0
    at: ResolverAddress = field(default_factory=lambda: ResolverAddress("127.0.0.1", 0))
    asked: list[str] = field(default_factory=list)
    by_tcp: list[str] = field(default_factory=list)
    most_at_once: int = 0
    _open: int = 0
    _answering: set[asyncio.Task[None]] = field(default_factory=set)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ScriptedDns"]:
        server = await asyncio.start_server(self._serve_tcp, "127.0.0.1", 0)
        self.at = ResolverAddress("127.0.0.1", server.sockets[0].getsockname()[1])
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Udp(self), ("127.0.0.1", self.at.port))
        try:
            yield self
        finally:
            transport.close()
            server.close()
            for task in self._answering:
                task.cancel()

    async def answer(self, question: bytes, udp: bool) -> bytes | None:
        query = dns.message.from_wire(question)
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        (self.asked if udp else self.by_tcp).append(name)
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        await asyncio.sleep(self.delay)
        self._open -= 1
        if self._fault(name) == SILENT:
            return None
        if self._fault(name) == GARBAGE and not udp:
            return b"garbage"
        return self._wire(self._response(query, name), query.payload if udp else 65535)

    def _fault(self, name: str) -> str | None:
        return self.faults.get(name) or self.faults.get("")

    def _response(self, query: dns.message.Message, name: str) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        kind = query.question[0].rdtype
        records = [record for record in self.zone.get(name, ()) if record.rdtype == kind]
        if self._fault(name) == SERVFAIL:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif records:
            response.answer.append(dns.rrset.from_rdata_list(query.question[0].name, 60, records))
        elif not any(known == name or known.endswith(f".{name}") for known in self.zone):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response

    @staticmethod
    def _wire(response: dns.message.Message, limit: int) -> bytes:
        """Truncated if it is larger than the asker can receive."""
        try:
            return response.to_wire(max_size=max(limit, _BYTES_WITHOUT_EDNS))
        except dns.exception.TooBig:
            response.answer.clear()
            response.flags |= dns.flags.TC
            return response.to_wire()

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        answer = await self.answer(await reader.readexactly(length), udp=False)
        if answer is not None:
            writer.write(struct.pack("!H", len(answer)) + answer)
            await writer.drain()
        writer.close()

    def receive(self, transport: asyncio.DatagramTransport, question: bytes, sender: tuple[str, int]) -> None:
        async def respond() -> None:
            answer = await self.answer(question, udp=True)
            if answer is not None:
                transport.sendto(answer, sender)

        task = asyncio.ensure_future(respond())
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: ScriptedDns) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._server.receive(self._transport, data, addr)
