"""Weighted preferences are ordered by weight, and no header raises an error."""

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
def test_names_are_ordered_by_weight_without_refused_ones(header: str, expected: list[str]) -> None:
    assert preferences(header) == expected


@given(st.text())
def test_any_header_is_parsed(header: str) -> None:
    assert all(name == name.lower() for name in preferences(header) if name.isascii())
