"""When too many bounces or complaints stop a location."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.breaker import Sent, verdict
from models.rules.enums import HoldReason

NUMBERS = st.integers(0, 2000)


@pytest.mark.parametrize(
    ("sent", "bounced", "complained", "reason"),
    [
        (0, 0, 0, None),
        (0, 9, 0, None),
        (0, 10, 0, HoldReason.BOUNCE_RATE),
        (90, 10, 0, None),
        (89, 10, 0, HoldReason.BOUNCE_RATE),
        (5000, 400, 0, None),
        (10, 0, 2, None),
        (10, 0, 3, HoldReason.COMPLAINT_RATE),
        (1000, 0, 3, None),
        (999, 0, 3, HoldReason.COMPLAINT_RATE),
        (0, 50, 50, HoldReason.COMPLAINT_RATE),
    ],
)
def test_a_rate_counts_from_a_number_on(sent: int, bounced: int, complained: int, reason: HoldReason | None) -> None:
    assert verdict(Sent(sent, bounced, complained)) is reason


@given(NUMBERS, NUMBERS, NUMBERS)
def test_more_trouble_never_releases(sent: int, bounced: int, complained: int) -> None:
    if verdict(Sent(sent, bounced, complained)) is not None:
        assert verdict(Sent(sent, bounced + 1, complained)) is not None
        assert verdict(Sent(sent, bounced, complained + 1)) is not None
