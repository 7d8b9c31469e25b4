"""When messages are due: send windows, delays, times of day and send speed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from models.rules.enums import Channel

_DAY, _INSTANT = timedelta(days=1), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class SendWindow:
    """Local hours in which messages are sent, excluding `until_hour`; 0 and 24 mean always."""

    zone: str
    from_hour: int
    until_hour: int

    @property
    def always(self) -> bool:
        return self.from_hour == 0 and self.until_hour == 24

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone))

    def place(self, moment: datetime) -> datetime:
        """This moment, or the next opening after it."""
        if self.is_open(moment):
            return moment
        day = self._local(moment).date()
        while True:
            for opening in _moments(day, self.from_hour, self.zone):
                # A DST change can skip the whole window of a day.
                if opening > moment and self.is_open(opening):
                    return opening
            day += _DAY

    def is_open(self, moment: datetime) -> bool:
        return self.from_hour <= self._local(moment).hour < self.until_hour

    def at(self, moment: datetime, minute: int | None) -> datetime:
        """The first time from this moment on with this time of day, in minutes after midnight; with None, the moment itself.
        Outside the window, the next opening after that."""
        if minute is None:
            return self.place(moment)
        return self._on_or_after(self._local(moment).date(), minute, moment)

    def on_its_day(self, moment: datetime, minute: int | None) -> datetime:
        """This time of day on the local day of the moment."""
        return moment if minute is None else _minute(self._local(moment).date(), minute, self.zone)

    def follow(self, moment: datetime, delay: timedelta, minute: int | None = None) -> datetime:
        """When a step is due this long after the moment: whole days later at the same local time, whatever the clocks do, and
        the rest of the delay as elapsed time. With a time of day, at that time on that day, or on the day after if that is not
        later than the moment. Outside the window, the next opening after that."""
        local = self._local(moment)
        if minute is not None:
            return self._on_or_after((local + delay).date(), minute, moment + _INSTANT if delay else moment)
        days, rest = divmod(delay, _DAY)
        if days:
            local = (local + _DAY * days).replace(fold=0)
        return self.place(local.astimezone(UTC) + rest)

    def _on_or_after(self, day: date, minute: int, earliest: datetime) -> datetime:
        while (due := _minute(day, minute, self.zone)) < earliest:
            day += _DAY
        return self.place(due)

    def days_apart(self, moment: datetime, last: datetime, gap: timedelta) -> datetime:
        """The moment, or the same local time on a later day, so that it is after `last` and its day at least this much later."""
        local, day = self._local(moment), (self._local(last) + gap).date()
        if local.date() >= day and moment > last:
            return moment
        return self._on_or_after(max(day, local.date()), local.hour * 60 + local.minute, last + _INSTANT)

    def advance(self, moment: datetime, by: timedelta) -> datetime:
        """The moment after this much time within the windows."""
        if self.always:
            return moment + by
        at = self.place(moment)
        while True:
            day = self._local(at).date()
            closes = next(closing for closing in _moments(day, self.until_hour, self.zone) if closing > at)
            if at + by < closes:
                return at + by
            by -= closes - at
            at = self.place(closes)

    @property
    def open_hours(self) -> int:
        return self.until_hour - self.from_hour


@dataclass(frozen=True, slots=True)
class RecipientZone:
    """Where a person may be: in this zone, or in another whose clock is up to `spread` hours behind."""

    name: str
    spread: int


def stored_zone(customer: Mapping[str, Any]) -> RecipientZone | None:
    """The zone in the columns customer_zone and zone_spread."""
    name = customer["customer_zone"]
    return RecipientZone(name, customer["zone_spread"]) if name is not None else None


def send_windows(hours: Mapping[str, Any], zone: RecipientZone | None) -> dict[Channel, SendWindow]:
    """The windows by channel: the location's hours in the recipient's zone, or in its own if that is not known. `hours` has the
    columns of the location table. If the recipient may be in several zones, these are the hours that all of them share; if there
    are none, the location's zone counts. `models/sql/messages_stamp.sql` has the same rule."""
    return {
        channel: _window(hours["time_zone"], hours[f"{column}_from_hour"], hours[f"{column}_until_hour"], zone)
        for channel, column in ((Channel.EMAIL, "email"), (Channel.SMS, "sms"))
    }


def _window(home: str, from_hour: int, until_hour: int, zone: RecipientZone | None) -> SendWindow:
    if zone is None or from_hour + zone.spread >= until_hour:
        return SendWindow(home, from_hour, until_hour)
    always = from_hour == 0 and until_hour == 24
    return SendWindow(zone.name, from_hour if always else from_hour + zone.spread, until_hour)


def _moments(day: date, hour: int, zone: str) -> list[datetime]:
    """When a local day reaches this hour: two moments if it is repeated, and if a clock change skips it, the change."""
    local = datetime.combine(day + _DAY * (hour // 24), time(hour % 24), ZoneInfo(zone))
    after, before = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if before >= after:
        return [after] if before == after else [after, before]
    while after - before > _INSTANT:  # skipped: the clocks change between these two
        middle = before + (after - before) / 2
        if middle.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < local.replace(tzinfo=None):
            before = middle
        else:
            after = middle
    return [after]


def _minute(day: date, minute: int, zone: str) -> datetime:
    """A local time of day in UTC: the first one if it is repeated, and shifted forward if a clock change skips it."""
    return datetime.combine(day, time(minute // 60, minute % 60), ZoneInfo(zone)).astimezone(UTC)


def interval(window: SendWindow, *, per_hour: int | None, over_days: int | None, total: int) -> timedelta:
    """The open time between two first messages of a list at its send speed; zero if all are due at once."""
    if per_hour:
        return timedelta(hours=1) / per_hour
    if over_days and total:
        return timedelta(hours=window.open_hours) * over_days / total
    return timedelta()


def due_times(start: datetime, step: timedelta, window: SendWindow) -> Iterator[datetime]:
    """An endless series of times at which invitations begin: this far apart within the window, or all at once."""
    at = window.place(start) if step else start
    while True:
        yield at
        at = window.advance(at, step) if step else at


@dataclass(frozen=True, slots=True)
class Pace:
    """A step's delay after the first step, and its local time of day in minutes after midnight, if it has one."""

    after: timedelta
    minute: int | None = None


def step_times(start: datetime, steps: Sequence[Pace], windows: Sequence[SendWindow]) -> list[datetime]:
    """Due times of the steps of an invitation that begins at `start`, each in its own window."""
    times = [windows[0].at(start, steps[0].minute)]
    for step, window in zip(steps[1:], windows[1:], strict=True):
        times.append(_following(window, times[0], step.after - steps[0].after, step.minute, times[-1]))
    return times


def _following(window: SendWindow, start: datetime, delay: timedelta, minute: int | None, last: datetime) -> datetime:
    """When a step is due after `start`; one with a time of day, later than the last step."""
    due = window.follow(start, delay, minute)
    return due if minute is None else max(due, window.at(last + _INSTANT, minute))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A paused message: its remaining delay, and its step's pace."""

    remaining: timedelta
    pace: Pace


def retime(now: datetime, waiting: Sequence[Waiting], windows: Sequence[SendWindow]) -> list[datetime]:
    """Due times after a restart, in the order of the steps, each in its own window. At most one is due immediately; gaps and
    times of day are kept."""
    times: list[datetime] = []
    for index, message in enumerate(waiting):
        window = windows[index]
        due = window.at(now + max(message.remaining, timedelta()), message.pace.minute)
        if times:
            due = _kept_apart(window, due, message.pace, times[-1], waiting[index - 1].pace)
        times.append(due)
    return times


def _kept_apart(window: SendWindow, due: datetime, pace: Pace, last: datetime, last_pace: Pace) -> datetime:
    """A step's due time, or later, so that it keeps its distance from the last one: in days, and at its own time, if one of the
    two has a time of day."""
    gap = pace.after - last_pace.after
    if pace.minute is None and last_pace.minute is None:
        return max(due, window.follow(last, gap))
    return window.days_apart(due, last, gap)


@dataclass(frozen=True, slots=True)
class Queued:
    """A queued message: its due time, and its step's pace."""

    due: datetime
    pace: Pace


def moved_into(now: datetime, queued: Sequence[Queued], windows: Sequence[SendWindow]) -> list[datetime]:
    """Due times after send windows have changed, in the order of the steps. Messages still within a window keep their time or
    return to their time of day; those after a moved step keep their distance from it."""
    times: list[datetime] = []
    for index, message in enumerate(queued):
        window = windows[index]
        due = _returned(now, message, window)
        overtakes = bool(times) and due != message.due and due <= times[-1]  # by its return to an earlier day
        if times and (times[-1] != queued[index - 1].due or overtakes):
            due = _kept_apart(window, due, message.pace, times[-1], queued[index - 1].pace)
        goes = max(due, now)
        placed = window.place(goes)
        times.append(due if placed == goes else placed)
    return times


def _returned(now: datetime, message: Queued, window: SendWindow) -> datetime:
    due = window.on_its_day(message.due, message.pace.minute)
    return due if due >= now else message.due


def after_late(
    sent_at: datetime, sent: Queued, queued: Sequence[Queued], windows: Sequence[SendWindow]
) -> list[datetime]:
    """Due times of later steps, in their order, after one was sent late: as much later, or at their time of day, counted from
    the day on which it was sent."""
    late, times = sent_at - sent.due, [sent_at]
    for message, window in zip(queued, windows, strict=True):
        minute = message.pace.minute
        if minute is None:
            times.append(window.place(message.due + late))
        else:
            times.append(_following(window, sent_at, message.pace.after - sent.pace.after, minute, times[-1]))
    return times[1:]
