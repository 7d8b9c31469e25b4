"""Limits how many operations of one member run at once; further ones wait."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from graphql import GraphQLError

MAX_RUNNING = 4
MAX_WAITING = 50
MAX_WAIT_SECONDS = 5.0


def rate_limited() -> GraphQLError:
    sentence = "Too many operations of this member are running. Wait for one to finish, then send this one again."
    return GraphQLError(sentence, extensions={"code": "RATE_LIMITED"})


class _Slots:
    """The slots of one member, which exist while any of their operations runs or waits."""

    def __init__(self, number: int) -> None:
        self.free = asyncio.Semaphore(number)
        self.waiting = 0


class OperationLimiter:
    """Limits each member's operations in this process, over HTTP and websockets together."""

    def __init__(
        self,
        max_running: int = MAX_RUNNING,
        max_waiting: int = MAX_WAITING,
        max_wait_seconds: float = MAX_WAIT_SECONDS,
    ) -> None:
        self.max_running, self.max_waiting, self.max_wait_seconds = max_running, max_waiting, max_wait_seconds
        self._members: WeakValueDictionary[Hashable, _Slots] = WeakValueDictionary()

    @asynccontextmanager
    async def slot(self, member: Hashable) -> AsyncIterator[None]:
        """Holds a slot. Raises RATE_LIMITED if too many operations are waiting or the wait takes too long."""
        slots = self._members.setdefault(member, _Slots(self.max_running))
        if slots.free.locked():
            await self._wait(slots)
        else:
            await slots.free.acquire()
        try:
            yield
        finally:
            slots.free.release()

    async def _wait(self, slots: _Slots) -> None:
        if slots.waiting >= self.max_waiting:
            raise rate_limited()
        slots.waiting += 1
        try:
            async with asyncio.timeout(self.max_wait_seconds):
                await slots.free.acquire()
        except TimeoutError:
            raise rate_limited() from None
        finally:
            slots.waiting -= 1
