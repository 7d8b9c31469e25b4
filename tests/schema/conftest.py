"""A running gateway for some of these tests, and the plans that are made during a test."""

from typing import Any

import pytest

from schema import plans
from schema.plans import Plan
from tests.gateway import api

__all__ = ["api"]


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """The plans that are made during the test."""
    made: list[Plan] = []
    plan = plans._plan

    def remember(run: Any) -> Plan | None:
        found = plan(run)
        if found:
            made.append(found)
        return found

    monkeypatch.setattr(plans, "_plan", remember)
    return made
