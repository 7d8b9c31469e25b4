"""The days and times that are accepted: enough for every use, and away from the edges of the types that hold them; pure.

The first and last moment of Python's calendar are infinite to PostgreSQL, and many languages send the first one for "none".
"""

from datetime import UTC, date, datetime

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9998, 12, 31)
BOUNDS = "from the year 1900 to the year 9998"


def is_day(day: date) -> bool:
    return FIRST_DAY <= day <= LAST_DAY


def is_moment(moment: datetime) -> bool:
    """`moment` has a zone; its day in UTC counts."""
    try:
        return is_day(moment.astimezone(UTC).date())
    except OverflowError:
        return False
