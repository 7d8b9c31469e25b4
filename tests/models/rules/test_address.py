"""Short texts: how they are cleaned."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.address import clean


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  Ann \r\n Smith\t", "Ann Smith"),
        ("Zoe\u0308", "Zoë"),
        ("Ann\x00\x7f", "Ann"),
        ("Ann\u202e moc.elpmaxe\u202c", "Ann moc.elpmaxe"),
        ("\u2067Ann\u2069", "Ann"),
        ("\ufeffAnn\u200b", "Ann"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🍳", "👩\u200d🍳"),
        ("a \x00 b", "a b"),
        ("\u202e", None),
        ("\u3000", None),
        (None, None),
    ],
)
def test_a_text_is_one_line_in_nfc_without_characters_that_act(text: str | None, cleaned: str | None) -> None:
    assert clean(text) == cleaned


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text) or ""
    assert clean(once) == (once or None)
    assert unicodedata.is_normalized("NFC", once)
