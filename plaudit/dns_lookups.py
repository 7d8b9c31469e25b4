"""Asks a DNS resolver for TXT and MX records: a few at once, each with a time limit, and one for all."""

import asyncio

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver
from dns.rdatatype import RdataType

from plaudit.addresses import ResolverAddress
from plaudit.dns_records import Answer

AT_ONCE = 10
LOOKUP_SECONDS, TOTAL_SECONDS = 5.0, 30.0
_UDP_BYTES = 1232
"""The largest answer that is not fragmented on any network; the resolver is asked again by TCP for larger ones."""


class UnansweredError(Exception):
    """The resolver did not answer; the message says why."""


class Lookups:
    """The lookups of one check. Each name is asked for once. `unanswered`: the names without an answer, and why."""

    def __init__(
        self, at: ResolverAddress | None, lookup_seconds: float = LOOKUP_SECONDS, total_seconds: float = TOTAL_SECONDS
    ) -> None:
        self.unanswered: dict[str, str] = {}
        self._resolver = _resolver(at)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._lookup_seconds, self._total_seconds = lookup_seconds, total_seconds
        self._ends = asyncio.get_running_loop().time() + total_seconds
        self._asked: dict[tuple[str, RdataType], asyncio.Task[Answer]] = {}

    async def txt(self, name: str) -> Answer:
        """Raises UnansweredError."""
        return await self._ask(name, RdataType.TXT)

    async def mx(self, name: str) -> Answer:
        """Raises UnansweredError."""
        return await self._ask(name, RdataType.MX)

    @property
    def count(self) -> int:
        return len(self._asked)

    async def _ask(self, name: str, kind: RdataType) -> Answer:
        if (name, kind) not in self._asked:
            self._asked[name, kind] = asyncio.create_task(self._look_up(name, kind))
        return await self._asked[name, kind]

    async def _look_up(self, name: str, kind: RdataType) -> Answer:
        async with self._slots:
            try:
                return await self._answer(name, kind)
            except dns.exception.DNSException as error:
                self.unanswered[f"{name} {kind.name}"] = reason = self._reason(error)
                raise UnansweredError(reason) from error

    async def _answer(self, name: str, kind: RdataType) -> Answer:
        seconds = min(self._left, self._lookup_seconds)
        if seconds <= 0:
            raise dns.exception.Timeout
        try:
            found = await self._resolver.resolve(f"{name}.", kind, lifetime=seconds, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return Answer(exists=False)
        return Answer([_text(record) for record in found.rrset or ()])

    @property
    def _left(self) -> float:
        return self._ends - asyncio.get_running_loop().time()

    def _reason(self, error: dns.exception.DNSException) -> str:
        if isinstance(error, dns.exception.Timeout):
            return f"no answer within {self._lookup_seconds if self._left > 0 else self._total_seconds:g} seconds"
        if not isinstance(error, dns.resolver.NoNameservers):
            return type(error).__name__
        causes = [cause for *_, cause, _ in error.kwargs["errors"]]
        if not causes:
            return "no resolver is configured"
        return type(causes[-1]).__name__ if isinstance(causes[-1], Exception) else str(causes[-1])


def _resolver(at: ResolverAddress | None) -> dns.asyncresolver.Resolver:
    """Without a configuration, a resolver that raises NoNameservers."""
    resolver = dns.asyncresolver.Resolver(configure=False)
    if at:
        resolver.nameservers, resolver.port = [at.host], at.port
    else:
        try:
            resolver = dns.asyncresolver.Resolver()
        except dns.resolver.NoResolverConfiguration:
            resolver.nameservers = []
    resolver.use_edns(0, 0, _UDP_BYTES)
    return resolver


def _text(record: object) -> bytes:
    """The strings of a TXT record belong together (RFC 7208, 3.3; RFC 6376, 3.6.2.2)."""
    strings = getattr(record, "strings", None)
    return b"".join(strings) if strings is not None else str(getattr(record, "exchange", "")).encode()
