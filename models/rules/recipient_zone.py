"""Which time zone a phone number says its owner is in."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, timezone
from phonenumbers.tzdata import TIMEZONE_DATA

from models.rules.sequence import RecipientZone

_WEEK, _WEEKS = timedelta(weeks=1), 105
_HOUR = timedelta(hours=1)


def recipient_zone(phone: str | None, home: str, year: int) -> RecipientZone | None:
    """The zone of a number in E.164, or the easternmost of its possible zones, judged by the clocks of this year and the
    next; None if it tells nothing more than `home`, the location's zone.

    A number that may be from the location's zone, like the mobile numbers of a large country, is taken to be from there.
    """
    return _zone_of_number(phone, home, year) if phone else None


def zone_columns(zone: RecipientZone | None) -> tuple[str | None, int]:
    """What is stored of a number that was looked up: time_zone and zone_spread."""
    return (zone.name, zone.spread) if zone else (None, 0)


def _zone_of_number(phone: str, home: str, year: int) -> RecipientZone | None:
    zones = _zones(phone)
    return None if len(zones) > 1 and home in zones else _zone_of(zones, year)


def _zones(phone: str) -> Sequence[str]:
    return _zones_by_code().get(_calling_code(phone[1:])) or _zones_of_number(phone)


def _calling_code(digits: str) -> str:
    """The calling code that a number in E.164 begins with; none is the beginning of another (ITU-T E.164)."""
    return next((digits[:size] for size in (1, 2, 3) if int(digits[:size]) in COUNTRY_CODE_TO_REGION_CODE), "")


@cache
def _zones_by_code() -> dict[str, Sequence[str]]:
    """The zones of calling codes whose numbers all have the same, which need not be parsed: in a list, that takes longest."""
    prefixes = Counter(_calling_code(prefix) for prefix in TIMEZONE_DATA)
    return {code: TIMEZONE_DATA[code] for code, number in prefixes.items() if number == 1 and code in TIMEZONE_DATA}


@lru_cache(maxsize=8192)
def _zones_of_number(phone: str) -> Sequence[str]:
    zones: Sequence[str] = timezone.time_zones_for_number(phonenumbers.parse(phone))
    return zones


@lru_cache(maxsize=1024)
def _zone_of(zones: Sequence[str], year: int) -> RecipientZone | None:
    """The zone whose clock is ahead of the others all the time, and by how many hours at most, rounded up."""
    if not available_timezones().issuperset(zones):
        return None  # unknown to the number's data ("Etc/Unknown"), or to ours
    clocks = {zone: _clock(zone, year) for zone in zones}
    first, last = ([pick(week) for week in zip(*clocks.values(), strict=True)] for pick in (max, min))
    spread = -(max((a - b for a, b in zip(first, last, strict=True)), default=timedelta()) // -_HOUR)
    return next((RecipientZone(zone, spread) for zone, clock in clocks.items() if clock == first), None)


def _clock(zone: str, year: int) -> list[timedelta]:
    """The zone's offsets from UTC, week by week for two years."""
    begins, info = datetime(year, 1, 1, 12, tzinfo=UTC), ZoneInfo(zone)
    return [(begins + _WEEK * week).astimezone(info).utcoffset() or timedelta() for week in range(_WEEKS)]
