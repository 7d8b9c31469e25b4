"""Fixtures: a gateway that serves the pages, and a fixed clock."""

from datetime import UTC, datetime

import pytest

from models.clock import clock
from tests.gateway import api

__all__ = ["api"]


@pytest.fixture(autouse=True)
def fixed_clock(reset_clock: None) -> None:
    """Stops the clock; tests move it."""
    clock.set(datetime(2026, 5, 4, 9, tzinfo=UTC))
