"""Colors, and which text and edge a button of any color has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.color import BLACK, WHITE, button_colors, contrast, hex_color

COLORS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(COLORS)
def test_text_on_any_color_meets_wcag_aa(color: str) -> None:
    assert contrast(button_colors(color, WHITE, "#22262b").text, color) >= 4.5


@given(COLORS)
def test_every_button_stands_out_from_its_page(color: str) -> None:
    colors = button_colors(color, WHITE, "#22262b")
    assert contrast(colors.edge, WHITE) >= 3
    assert contrast(colors.dark_edge, "#22262b") >= 3


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [(BLACK, WHITE, 21.0), ("#777777", WHITE, 4.48), ("#0000ff", WHITE, 8.59), (WHITE, WHITE, 1.0)],
)
def test_contrast_is_as_wcag_defines_it(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("text", ["", "red", "1f5fbf", "#1f5fb", "#1f5fbf7", "#1f5fbg", "rgb(1,2,3)"])
def test_what_is_not_a_color_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="like #1f5fbf"):
        hex_color(text)


def test_a_color_is_kept_in_lower_case() -> None:
    assert hex_color(" #1F5FBF ") == "#1f5fbf"
