"""docs/access.md matches the policy."""

from pathlib import Path

from permissions.document import page

PAGE = Path(__file__).parents[2] / "docs" / "access.md"


def test_access_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `make access` to update it"
