"""Separate years for tests that run a worker, which would otherwise send the due messages of other tests."""

import itertools
from datetime import UTC, datetime

from models.clock import clock

_years = itertools.count(2041)


def set_unused_year() -> datetime:
    """Sets the clock to May 4, 9:00 UTC, of a year that no other test uses; messages of other tests are too old to be
    sent then."""
    clock.set(datetime(next(_years), 5, 4, 9, tzinfo=UTC))
    return clock.now()
