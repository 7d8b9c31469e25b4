"""Collects what several tasks ask of the database, and asks for all of it together."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Batches(Generic[T, R]):
    """Calls `handle` with all items that are waiting; meanwhile the next ones are collected. `handle` returns one result per
    item. If it raises, every item of the batch raises. A batch waits `linger` seconds for more items, unless there are as many
    as `expected` says."""

    def __init__(
        self,
        handle: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        *,
        linger: float = 0.0,
        expected: Callable[[], int] = lambda: 1,
    ) -> None:
        self._handle, self._linger, self._expected = handle, linger, expected
        self._complete = asyncio.Event()
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._running: asyncio.Task[None] | None = None

    async def add(self, item: T) -> R:
        """Waits for the item's result. If the caller is cancelled, the item is handled all the same."""
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, result))
        if len(self._waiting) >= self._expected():
            self._complete.set()
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await result

    async def _run(self) -> None:
        try:
            while self._waiting:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._complete.wait(), self._linger)
                self._complete.clear()
                batch, self._waiting = self._waiting, []
                await self._handle_batch(batch)
        finally:
            self._running = None

    async def _handle_batch(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        waiting = [result for _, result in batch]
        try:
            results = await self._handle([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - raised where each item was added
            for result in waiting:
                if not result.done():
                    result.set_exception(error)
            return
        for result, value in zip(waiting, results, strict=True):
            if not result.done():
                result.set_result(value)

    async def finish(self) -> None:
        """Waits until everything that was added has been handled."""
        while self._running is not None:
            await asyncio.wait([self._running])
