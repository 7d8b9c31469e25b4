"""The one clock: every rule and every statement takes its now from here, so that tests and the demo can set it."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Real time, moved by an offset, or standing still at a moment that was set."""

    def __init__(self) -> None:
        self._standing: datetime | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        """An aware time in UTC."""
        return (self._standing or datetime.now(UTC)) + self._offset

    def set(self, moment: datetime) -> None:
        """Stands still at this moment until it is moved or reset."""
        self._standing, self._offset = moment.astimezone(UTC), timedelta()

    def move(self, by: timedelta) -> None:
        self._offset += by

    def reset(self) -> None:
        self._standing, self._offset = None, timedelta()


clock = Clock()
