"""How many operations of one member run at once; the others wait for their turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID
from weakref import WeakValueDictionary

from graphql import GraphQLError

AT_ONCE = 4
MOST_WAITING = 50
MOST_SECONDS = 5.0
"""How long an operation waits for its turn."""


def rate_limited() -> GraphQLError:
    sentence = "Too many operations of this member are running; wait for one to end, then send this one again."
    return GraphQLError(sentence, extensions={"code": "RATE_LIMITED"})


class _Lane:
    """A member's, kept while one of its operations holds it."""

    def __init__(self, at_once: int) -> None:
        self.free = asyncio.Semaphore(at_once)
        self.waiting = 0


class Turns:
    """Of all members of one process, over HTTP and on websockets together."""

    def __init__(
        self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING, most_seconds: float = MOST_SECONDS
    ) -> None:
        self.at_once, self.most_waiting, self.most_seconds = at_once, most_waiting, most_seconds
        self._lanes: WeakValueDictionary[UUID, _Lane] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, member: UUID) -> AsyncIterator[None]:
        """A turn. Raises RATE_LIMITED where too many wait already, or where it does not come in time."""
        lane = self._lanes.setdefault(member, _Lane(self.at_once))
        if lane.free.locked():
            await self._wait(lane)
        else:
            await lane.free.acquire()
        try:
            yield
        finally:
            lane.free.release()

    async def _wait(self, lane: _Lane) -> None:
        if lane.waiting >= self.most_waiting:
            raise rate_limited()
        lane.waiting += 1
        try:
            async with asyncio.timeout(self.most_seconds):
                await lane.free.acquire()
        except TimeoutError:
            raise rate_limited() from None
        finally:
            lane.waiting -= 1
