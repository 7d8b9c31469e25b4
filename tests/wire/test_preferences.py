"""Weighted preferences: in the order wanted, whatever the header looks like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.preferences import preferences


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("de, en", ["de", "en"]),
        ("en;q=0.5, de", ["de", "en"]),
        ("DE-at ; q=0.8, fr;q=0.9", ["fr", "de-at"]),
        ("de;q=0, en", ["en"]),
        ("de;q=much, en", ["en"]),
        ("a/b;version=1;q=0.2, */*;q=0.1", ["a/b", "*/*"]),
        ("", []),
        (",,;q=1", []),
    ],
)
def test_the_most_wanted_comes_first_and_what_is_refused_is_left_out(header: str, expected: list[str]) -> None:
    assert preferences(header) == expected


@given(st.text())
def test_no_header_breaks_it(header: str) -> None:
    assert all(name == name.lower() for name in preferences(header) if name.isascii())
