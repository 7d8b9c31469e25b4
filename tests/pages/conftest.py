"""These open the pages of a running gateway."""

from datetime import UTC, datetime

import pytest

from models.clock import clock
from tests.gateway import api

__all__ = ["api"]


@pytest.fixture(autouse=True)
def a_morning_in_may(reset_clock: None) -> None:
    """Stands still but for who moves it."""
    clock.set(datetime(2026, 5, 4, 9, tzinfo=UTC))
