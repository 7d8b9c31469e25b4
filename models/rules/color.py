"""Colors as #rrggbb, and their contrast (WCAG 2.2, relative luminance and contrast ratio)."""

import re
from dataclasses import dataclass

BLACK, WHITE = "#000000", "#ffffff"
_COLOR = re.compile(r"#[0-9a-f]{6}")
_VISIBLE = 3.0
"""The contrast that the edge of a button needs (WCAG 2.2, 1.4.11)."""


def hex_color(text: str) -> str:
    """The color in lower case. Raises ValueError with a message for users."""
    color = text.strip().lower()
    if not _COLOR.fullmatch(color):
        raise ValueError(f"{text!r} is not a color; write # and six hexadecimal digits, like #1f5fbf, in quotes")
    return color


def luminance(color: str) -> float:
    """From 0, black, to 1, white."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """From 1, the same, to 21, black on white."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@dataclass(frozen=True, slots=True)
class ButtonColors:
    """`edge` sets the button off from a light page, `dark_edge` from a dark one."""

    fill: str
    text: str
    edge: str
    dark_edge: str


def button_colors(fill: str, page: str, dark_page: str) -> ButtonColors:
    """Black or white text, whichever is easier to read; an edge where the fill alone would not stand out."""
    text = max((BLACK, WHITE), key=lambda one: contrast(fill, one))
    edge = fill if contrast(fill, page) >= _VISIBLE else BLACK
    dark_edge = fill if contrast(fill, dark_page) >= _VISIBLE else WHITE
    return ButtonColors(fill, text, edge, dark_edge)
