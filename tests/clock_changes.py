"""Every change of offset of every time zone from 2026 to 2030."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
WEEK, SECOND = timedelta(weeks=1), timedelta(seconds=1)


@dataclass(frozen=True, order=True)
class Change:
    """The second at which the offset of a zone changes."""

    zone: str
    at: datetime


def offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    found = moment.astimezone(zone).utcoffset()
    assert found is not None
    return found


def _changes(zone: ZoneInfo) -> Iterator[datetime]:
    """Looks weekly, since no zone changes twice in a week, and then halves the week."""
    week = FIRST
    while week < LAST:
        before, after = week, week + WEEK
        if offset(zone, before) != offset(zone, after):
            while after - before > SECOND:
                middle = before + (after - before) // 2 // SECOND * SECOND
                if offset(zone, middle) == offset(zone, before):
                    before = middle
                else:
                    after = middle
            yield after
        week += WEEK


@cache
def all_changes() -> dict[str, tuple[datetime, ...]]:
    """The changes of every zone, by name."""
    return {name: tuple(_changes(ZoneInfo(name))) for name in sorted(available_timezones())}


@cache
def distinct_changes() -> list[Change]:
    """The changes of one zone of each group with the same clocks all the time."""
    groups = {
        (offset(ZoneInfo(name), FIRST), tuple((at, offset(ZoneInfo(name), at)) for at in changes)): name
        for name, changes in all_changes().items()
    }
    return [Change(name, at) for name in sorted(groups.values()) for at in all_changes()[name]]
