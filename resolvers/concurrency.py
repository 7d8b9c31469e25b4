"""Limits how many operations of one member run at once; further ones wait."""

import asyncio
from collections.abc import Hashable

from graphql import GraphQLError

from wire.counts import Counts, OwnCounts, held

MAX_RUNNING = 4
MAX_WAITING = 50
MAX_WAIT_SECONDS = 5.0
POLL_SECONDS = 0.003


def rate_limited() -> GraphQLError:
    sentence = "Too many operations of this member are running. Wait for one to finish, then send this one again."
    return GraphQLError(sentence, extensions={"code": "RATE_LIMITED"})


class _Line:
    """The operations of one member that wait in this process, first come, first served. It exists while any waits."""

    def __init__(self) -> None:
        self.is_first = asyncio.Lock()
        self.ended = asyncio.Event()
        self.waiting = 0


class OperationLimiter:
    """Limits each member's operations, over HTTP and websockets together; in all processes that share the counts."""

    def __init__(
        self,
        max_running: int = MAX_RUNNING,
        max_waiting: int = MAX_WAITING,
        max_wait_seconds: float = MAX_WAIT_SECONDS,
        counts: Counts | None = None,
    ) -> None:
        self.max_running, self.max_waiting, self.max_wait_seconds = max_running, max_waiting, max_wait_seconds
        self._counts = counts or OwnCounts()
        self._lines: dict[Hashable, _Line] = {}

    async def take(self, member: Hashable) -> None:
        """Takes a slot, which must be given back. Raises RATE_LIMITED if too many operations are waiting or the wait takes too
        long."""
        if member in self._lines or not self._take(member):
            await self._wait(member)

    def give_back(self, member: Hashable) -> None:
        self._counts.give_back(("running", member))
        if member in self._lines:
            self._lines[member].ended.set()

    def _take(self, member: Hashable) -> bool:
        return self._counts.take(("running", member), self.max_running)

    async def _wait(self, member: Hashable) -> None:
        line = self._lines.setdefault(member, _Line())
        line.waiting += 1
        try:
            with held(self._counts, ("waiting", member), self.max_waiting) as may_wait:
                if not may_wait:
                    raise rate_limited()
                await self._until_taken(member, line)
        finally:
            line.waiting -= 1
            if not line.waiting:
                del self._lines[member]

    async def _until_taken(self, member: Hashable, line: _Line) -> None:
        try:
            async with asyncio.timeout(self.max_wait_seconds), line.is_first:
                while not self._take(member):
                    await self._until_one_may_have_ended(line)
        except TimeoutError:
            raise rate_limited() from None

    async def _until_one_may_have_ended(self, line: _Line) -> None:
        """Between processes, all look in turn, also for ends in their own: otherwise the slots of a busy one would stay in it."""
        if self._counts.is_shared:
            await asyncio.sleep(POLL_SECONDS)
            return
        line.ended.clear()
        await line.ended.wait()
