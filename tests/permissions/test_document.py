"""docs/access.md says what the table says."""

from pathlib import Path

from permissions.document import documented

PAGE = Path(__file__).parents[2] / "docs" / "access.md"


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == documented(), "print it anew with `make access`"
