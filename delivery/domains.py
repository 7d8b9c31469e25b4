"""The recipients' domains of messages on connections: one at which the relay is slow gets at most half of the connections."""

from collections import Counter, deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Domains(Generic[T]):
    """Counts messages on connections by domain, and keeps those that wait for another one of a slow domain."""

    def __init__(self, connections: int) -> None:
        self._most = max(2, connections // 2)
        self._in_flight: Counter[str] = Counter()
        self._aside: dict[str, deque[T]] = {}
        """By slow domain: what waits for a connection."""

    def __bool__(self) -> bool:
        """Whether any message is on a connection."""
        return bool(self._in_flight)

    def is_slow(self, domain: str) -> bool:
        return domain in self._aside

    def is_full(self, domain: str) -> bool:
        """Whether a slow domain has as many connections as it gets."""
        return self.is_slow(domain) and self._in_flight[domain] >= self._most

    def enter(self, domain: str) -> None:
        self._in_flight[domain] += 1

    def leave(self, domain: str) -> T | None:
        """Returns the message that waited for the place, if there is one."""
        self._in_flight[domain] -= 1
        if not self._in_flight[domain]:
            del self._in_flight[domain]
        waiting = self._aside.get(domain)
        return waiting.popleft() if waiting else None

    def put_aside(self, domain: str, item: T) -> None:
        self._aside[domain].append(item)

    def slow_down(self, domain: str) -> None:
        self._aside.setdefault(domain, deque())

    def speed_up(self, domain: str) -> Iterator[T]:
        """The domain is slow no longer. Yields what waited."""
        yield from self._aside.pop(domain, ())

    def take_all(self) -> Iterator[T]:
        """Yields everything that waits, which then waits no longer."""
        for waiting in self._aside.values():
            yield from waiting
            waiting.clear()
