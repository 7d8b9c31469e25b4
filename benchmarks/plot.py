"""Draws lines over a logarithmic axis, and groups of bars, as SVG, readable on light and on dark backgrounds."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs/plots"
Line = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 84, 48
COLORS = ("#2f81f7", "#e3742f", "#2da44e", "#bf5af2", "#8c6d31", "#d1477a", "#1b9aaa")
"""Each has enough contrast to white and to black."""
STYLE = """<style>
  text { font: 13px sans-serif; fill: #1f2328 }
  .grid { stroke: #8c959f; stroke-opacity: .4 }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
</style>"""


def save(name: str, drawn: str) -> None:
    """Writes a plot where docs/benchmarks.md shows it."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.svg").write_text(drawn)


def lines(series: Mapping[str, Line], across: str, up: str) -> str:
    """A plot with a line for each series. `across` and `up` name the axes; the vertical one begins at 0."""
    numbers = sorted({x for line in series.values() for x, _ in line})
    highest = _rounded_up(max(y for line in series.values() for _, y in line))
    parts = [*_across(numbers, across), *_up(highest, up)]
    for at, (name, line) in enumerate(series.items()):
        parts += [*_line([_place(x, y, numbers, highest) for x, y in line], _color(at)), _legend(name, at, 2)]
    return _svg(f"{up} by {across}", parts)


def bars(groups: Mapping[str, Mapping[str, float]], up: str) -> str:
    """A plot with a group of bars for each of `groups`, one for each name in it; the vertical axis begins at 0."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    highest = _rounded_up(max(value for group in groups.values() for value in group.values()))
    parts = [*_up(highest, up), *(_legend(name, at, 3) for at, name in enumerate(names))]
    room = (WIDTH - LEFT - RIGHT) / len(groups)
    for at, (title, group) in enumerate(groups.items()):
        left, width = LEFT + (at + 0.1) * room, 0.8 * room / len(group)
        parts.append(
            f'<text x="{left + 0.4 * room:.0f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{title}</text>'
        )
        for place, (name, value) in enumerate(group.items()):
            parts.append(_bar(left + place * width, width, _height(value, highest), _color(names.index(name))))
    return _svg(up, parts)


def _svg(label: str, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
    return "\n".join([head, STYLE, *parts, "</svg>\n"])


def _color(at: int) -> str:
    return COLORS[at % len(COLORS)]


def _rounded_up(value: float) -> float:
    """The next of 1, 2 and 5, and their tenfolds."""
    unit = 10.0 ** math.floor(math.log10(value))
    return next(step * unit for step in (1, 2, 5, 10) if step * unit >= value)


def _place(x: float, y: float, numbers: Sequence[float], highest: float) -> tuple[float, float]:
    least, most = math.log10(numbers[0]), math.log10(numbers[-1])
    share = (math.log10(x) - least) / (most - least) if most > least else 0
    return LEFT + share * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - _height(y, highest)


def _height(value: float, highest: float) -> float:
    return value / highest * (HEIGHT - TOP - BOTTOM)


def _across(numbers: Sequence[float], name: str) -> list[str]:
    places = [(number, _place(number, 0, numbers, 1)) for number in numbers]
    labels = [
        f'<text x="{x:.0f}" y="{y + 18:.0f}" text-anchor="{"end" if number == numbers[-1] else "middle"}">{number:,.0f}</text>'
        for number, (x, y) in places
    ]
    return [*labels, f'<text x="{WIDTH / 2:.0f}" y="{HEIGHT - 10}" text-anchor="middle">{name}</text>']


def _up(highest: float, name: str) -> list[str]:
    parts = []
    for step in range(5):
        value = highest * step / 4
        _, y = _place(1, value, (1, 10), highest)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.0f}" y2="{y:.0f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{value:g}</text>')
    return [*parts, f'<text x="4" y="{TOP - 16}">{name}</text>']


def _line(places: Sequence[tuple[float, float]], color: str) -> list[str]:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{color}"/>' for x, y in places]
    return [f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>', *dots]


def _bar(x: float, width: float, height: float, color: str) -> str:
    y = HEIGHT - BOTTOM - height
    return f'<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{color}"/>'


def _legend(name: str, at: int, columns: int) -> str:
    x, y = LEFT + at % columns * (WIDTH - LEFT) // columns, 16 + at // columns * 18
    return (
        f'<rect x="{x}" y="{y - 9}" width="14" height="4" fill="{_color(at)}"/><text x="{x + 20}" y="{y}">{name}</text>'
    )
