"""Time that a test has for itself: the database is shared, and a worker takes up whatever is due in it."""

import itertools
from datetime import UTC, datetime

from models.clock import clock

_years = itertools.count(2041)


def a_morning_in_may() -> datetime:
    """Sets the clock to 4 May, 9:00 UTC, of a year of its own: what other tests left to be sent is long overdue then,
    and not taken up."""
    clock.set(datetime(next(_years), 5, 4, 9, tzinfo=UTC))
    return clock.now()
