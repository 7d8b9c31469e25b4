"""docs/limits.md has the figures of the code."""

from pathlib import Path

from plaudit.edge import MOST_ANSWER_BYTES, MOST_BYTES
from plaudit.graphql import MOST_SUBSCRIPTIONS
from resolvers.context import Shared
from resolvers.turns import AT_ONCE, MOST_SECONDS, MOST_WAITING
from schema.documents import MOST_COMPARISONS, MOST_ERRORS, MOST_LINES, MOST_TOKENS
from schema.limits import BOUNDS
from schema.pace import AT_FIRST, THEN
from schema.pace import MOST_ERRORS as MOST_FAILED

PAGE = Path(__file__).parents[1] / "docs/limits.md"


def test_every_figure_is_that_of_the_code() -> None:
    rows = [line.split(" | ")[:2] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    told = [value for _, value in rows if value not in ("value", "---")]
    assert told == [
        f"{MOST_BYTES:,}",
        f"{MOST_LINES:,}",
        f"{MOST_TOKENS:,}",
        f"{BOUNDS.fields:,}",
        f"{BOUNDS.depth}",
        f"{BOUNDS.aliases}",
        f"{BOUNDS.directives}",
        f"{BOUNDS.values:,}",
        f"{MOST_COMPARISONS:,} comparisons",
        f"{MOST_ERRORS}",
        f"{AT_ONCE}; {MOST_WAITING} more wait, {MOST_SECONDS:.0f} seconds at most",
        f"{Shared.__dataclass_fields__['most_seconds'].default:.0f}",
        f"{AT_FIRST:,} at first, then {THEN:,}",
        f"{MOST_FAILED}",
        f"{MOST_ANSWER_BYTES:,}",
        f"{MOST_SUBSCRIPTIONS}",
    ]
