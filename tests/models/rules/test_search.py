"""Parsing search terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.search import MAX_WORDS, Term, terms_of


@pytest.mark.parametrize("text", [None, "", "  ", "zo", "z o", "%%%", "🙂🙂🙂", "0 0", "ـــــ"])
def test_fewer_than_three_letters_or_digits_are_ignored(text: str | None) -> None:
    assert terms_of(text) == []


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Ann  Smith", [Term(("Ann",)), Term(("Smith",))]),
        ("ＡＮＮ\u00a0Smith", [Term(("ANN",)), Term(("Smith",))]),
        ("030 / 123-4567", [Term(("030", "123-4567"))]),
        ("+49 30 123", [Term(("+49", "30", "123"))]),
        ("+49 (0)30 123", [Term(("+49", "(0)30", "123"), ("49030123", "4930123"))]),
        ("+49(0)30-123", [Term(("+49(0)30-123",), ("49030123", "4930123"))]),
        ("004930123", [Term(("004930123",), ("4930123",))]),
        ("0049 30 123", [Term((), ("4930123",))]),
        ("00 49 30 123", [Term((), ("4930123",))]),
        ("00 49 (0) 30 / 123", [Term((), ("49030123", "4930123"))]),
        ("00 39 (0)6 123", [Term((), ("3906123", "396123"))]),
        ("011 49 30 123", [Term((), ("4930123",))]),
        ("(030) 123", [Term(("(030)", "123"))]),
        ("000 123", [Term(("000", "123"))]),
        ("ann 0049 30 ben", [Term(("ann",)), Term((), ("4930",)), Term(("ben",))]),
    ],
)
def test_terms_are_words_and_international_numbers(text: str, terms: list[Term]) -> None:
    assert terms_of(text) == terms


@given(st.text(max_size=200))
def test_any_text_has_a_limited_number_of_words(text: str) -> None:
    terms = terms_of(text)
    assert len(terms) <= MAX_WORDS
    assert all(term.words or term.e164 for term in terms)
    assert all(len(term.words) <= MAX_WORDS for term in terms)
    assert all(number.isascii() and number.isdigit() for term in terms for number in term.e164)
