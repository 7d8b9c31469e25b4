"""Limits on what one address of the network can ask for without a token."""

import math
import time
from collections import Counter
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request

from wire.counts import SharedCounts

SECONDS = 900.0
MAX_PEERS = 10_000


class PeerLimit:
    """At most so many requests of one peer within a quarter of an hour, in this process or in those that share the counts."""

    def __init__(self, most: int, name: str = "", shared: SharedCounts | None = None) -> None:
        self.most, self._name, self._shared = most, name, shared
        self._seen: Counter[str] = Counter()
        self._ends = 0.0

    def wait_of(self, request: Request) -> int | None:
        """Counts the request. Returns the seconds after which to try again if there were too many."""
        now, peer = time.monotonic(), _peer(request)
        if self._shared is not None:
            period = int(now // SECONDS)
            seen = self._shared.add((self._name, peer), period)
            return math.ceil((period + 1) * SECONDS - now) if seen > self.most else None
        if now >= self._ends or len(self._seen) >= MAX_PEERS:
            self._seen.clear()
            self._ends = now + SECONDS
        self._seen[peer] += 1
        return math.ceil(self._ends - now) if self._seen[peer] > self.most else None


def _peer(request: Request) -> str:
    """The client's address; of IPv6, the network, since everybody there has many addresses."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    return str(int(address) >> 64) if isinstance(address, IPv6Address) else host
