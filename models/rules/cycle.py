"""Billing cycles: monthly from the account's anchor day, in its time zone."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Cycle:
    """Days in the account's time zone: `starts_on` is the first day, `resets_on` the first day of the next cycle."""

    starts_on: date
    resets_on: date


def cycle_at(moment: datetime, zone: str, anchor_day: int) -> Cycle:
    """The cycle that contains this moment. An anchor day of 31 falls on the last day of shorter months."""
    return _cycle_of(moment.astimezone(ZoneInfo(zone)).date(), anchor_day)


@lru_cache(maxsize=1_000)
def _cycle_of(today: date, anchor_day: int) -> Cycle:
    this = _anchor(today.year, today.month, anchor_day)
    if today >= this:
        return Cycle(this, _next(this, anchor_day))
    before = _anchor(today.year - (today.month == 1), (today.month - 2) % 12 + 1, anchor_day)
    return Cycle(before, this)


def cycle_on(day: date, zone: str, anchor_day: int) -> Cycle:
    """The cycle that contains this day in the account's time zone."""
    return cycle_at(datetime.combine(day, time(12), ZoneInfo(zone)), zone, anchor_day)


def _next(start: date, anchor_day: int) -> date:
    return _anchor(start.year + (start.month == 12), start.month % 12 + 1, anchor_day)


def _anchor(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
