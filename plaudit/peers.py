"""Limits on what one address of the network can ask for without a token, in this process."""

import math
import time
from collections import Counter
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request

SECONDS = 900.0
MAX_PEERS = 10_000


class PeerLimit:
    """At most so many requests of one peer within a quarter of an hour."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._seen: Counter[str] = Counter()
        self._ends = 0.0

    def wait_of(self, request: Request) -> int | None:
        """Counts the request. Returns the seconds after which to try again if there were too many."""
        now = time.monotonic()
        if now >= self._ends or len(self._seen) >= MAX_PEERS:
            self._seen.clear()
            self._ends = now + SECONDS
        peer = _peer(request)
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
