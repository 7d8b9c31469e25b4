"""When messages are due: send windows, delays and send speed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from models.rules.enums import Channel

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SendWindow:
    """Local hours in which messages are sent, excluding `until_hour`; 0 and 24 mean always."""

    zone: str
    from_hour: int
    until_hour: int

    @property
    def always(self) -> bool:
        return self.from_hour == 0 and self.until_hour == 24

    def _opens(self, day: date) -> datetime:
        return _utc(day, self.from_hour, self.zone)

    def _closes(self, day: date) -> datetime:
        return _utc(day, self.until_hour, self.zone)

    def place(self, moment: datetime) -> datetime:
        """This moment, or the next opening after it."""
        if self.always:
            return moment
        day = moment.astimezone(ZoneInfo(self.zone)).date()
        # A DST change can skip the whole window of a day.
        while max(moment, self._opens(day)) >= self._closes(day):
            day += _DAY
        return max(moment, self._opens(day))

    def follow(self, moment: datetime, delay: timedelta) -> datetime:
        """When a step is due this long after the moment: whole days later at the same local time, whatever the clocks do, and
        the rest of the delay as elapsed time; or the next opening after that."""
        days, rest = divmod(delay, _DAY)
        local = moment.astimezone(ZoneInfo(self.zone)) + _DAY * days
        return self.place(local.astimezone(UTC) + rest)

    def advance(self, moment: datetime, by: timedelta) -> datetime:
        """The moment after this much time within the windows."""
        if self.always:
            return moment + by
        at = self.place(moment)
        while True:
            closes = self._closes(at.astimezone(ZoneInfo(self.zone)).date())
            if at + by < closes:
                return at + by
            by -= closes - at
            at = self.place(closes)

    @property
    def open_hours(self) -> int:
        return self.until_hour - self.from_hour


def send_windows(hours: Mapping[str, Any]) -> dict[Channel, SendWindow]:
    """A location's windows by channel. `hours` has the columns of the location table."""
    return {
        channel: SendWindow(hours["time_zone"], hours[f"{column}_from_hour"], hours[f"{column}_until_hour"])
        for channel, column in ((Channel.EMAIL, "email"), (Channel.SMS, "sms"))
    }


def _utc(day: date, hour: int, zone: str) -> datetime:
    """A local hour in UTC. At DST changes, a skipped hour is shifted forward, and a repeated hour means the first one."""
    return datetime.combine(day + _DAY * (hour // 24), time(hour % 24), ZoneInfo(zone)).astimezone(UTC)


def interval(window: SendWindow, *, per_hour: int | None, over_days: int | None, total: int) -> timedelta:
    """The open time between two first messages of a list at its send speed; zero if all are due at once."""
    if per_hour:
        return timedelta(hours=1) / per_hour
    if over_days and total:
        return timedelta(hours=window.open_hours) * over_days / total
    return timedelta()


def due_times(start: datetime, step: timedelta, window: SendWindow) -> Iterator[datetime]:
    """An endless series of due times."""
    at = window.place(start)
    while True:
        yield at
        at = window.advance(at, step) if step else at


@dataclass(frozen=True, slots=True)
class Waiting:
    """A paused message: its remaining delay, and its step's delay after the first step."""

    remaining: timedelta
    after: timedelta


def retime(now: datetime, waiting: Sequence[Waiting], windows: Sequence[SendWindow]) -> list[datetime]:
    """Due times after a restart, in the order of the steps, each in its own window. At most one is due immediately; gaps
    are kept."""
    times: list[datetime] = []
    for index, message in enumerate(waiting):
        due = windows[index].place(now + max(message.remaining, timedelta()))
        if times:
            due = max(due, windows[index].follow(times[-1], message.after - waiting[index - 1].after))
        times.append(due)
    return times


@dataclass(frozen=True, slots=True)
class Queued:
    """A queued message: its due time, and its step's delay after the first step."""

    due: datetime
    after: timedelta


def moved_into(now: datetime, queued: Sequence[Queued], windows: Sequence[SendWindow]) -> list[datetime]:
    """Due times after send windows have changed, in the order of the steps. Messages still within a window keep their time;
    those after a moved step keep their distance from it."""
    times: list[datetime] = []
    for index, message in enumerate(queued):
        due = message.due
        if times and times[-1] != queued[index - 1].due:
            due = max(due, windows[index].follow(times[-1], message.after - queued[index - 1].after))
        goes = max(due, now)
        placed = windows[index].place(goes)
        times.append(due if placed == goes else placed)
    return times
