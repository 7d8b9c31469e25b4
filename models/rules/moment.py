"""The range of accepted dates and times, well within the limits of the types that store them.

PostgreSQL stores Python's first and last moment as infinity, and many languages send the first one for "none".
"""

from datetime import UTC, date, datetime

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9998, 12, 31)
BOUNDS = "from the year 1900 to the year 9998"


def is_day(day: date) -> bool:
    return FIRST_DAY <= day <= LAST_DAY


def is_moment(moment: datetime) -> bool:
    """`moment` has a time zone; compares its day in UTC."""
    try:
        return is_day(moment.astimezone(UTC).date())
    except OverflowError:
        return False
