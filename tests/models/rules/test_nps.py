"""The Net Promoter Score and its rounding."""

from decimal import ROUND_FLOOR, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.nps import net_promoter_score


@pytest.mark.parametrize(
    ("promoters", "detractors", "answers", "net"),
    [
        (0, 0, 0, None),
        (2, 1, 3, 33),
        (0, 3, 3, -100),
        (1, 1, 2, 0),
        (5, 0, 5, 100),
        (1, 0, 8, 13),
        (3, 0, 8, 38),
        (0, 1, 8, -12),
        (0, 3, 8, -37),
        (1, 0, 200, 1),
        (0, 1, 200, 0),
    ],
)
def test_halves_are_rounded_up(promoters: int, detractors: int, answers: int, net: int | None) -> None:
    assert net_promoter_score(promoters, detractors, answers) == net


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int, int]:
    promoters, detractors, others = (draw(st.integers(0, 10**9)) for _ in range(3))
    return promoters, detractors, promoters + detractors + others


@given(counts())
def test_any_score_is_the_exact_percentage_rounded(case: tuple[int, int, int]) -> None:
    promoters, detractors, answers = case
    net = net_promoter_score(promoters, detractors, answers)
    if not answers:
        assert net is None
        return
    exact = Decimal(100) * (promoters - detractors) / answers
    assert net == int((exact + Decimal("0.5")).to_integral_value(ROUND_FLOOR))
