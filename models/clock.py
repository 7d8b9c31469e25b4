"""The clock that all rules and statements use, so that tests and the demo can set the time; and waiting with a limit."""

import asyncio
from datetime import UTC, datetime, timedelta


class Clock:
    """The real time plus an offset, or a fixed time."""

    def __init__(self) -> None:
        self._fixed: datetime | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        return (self._fixed or datetime.now(UTC)) + self._offset

    def set(self, moment: datetime) -> None:
        """Stops the clock at this moment until it is moved or reset."""
        self._fixed, self._offset = moment.astimezone(UTC), timedelta()

    def move(self, by: timedelta) -> None:
        self._offset += by

    def reset(self) -> None:
        self._fixed, self._offset = None, timedelta()


clock = Clock()


async def first_of(*events: asyncio.Event, seconds: float | None = None) -> None:
    """Waits until one of the events is set, or until the time limit."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
