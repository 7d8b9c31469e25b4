"""Placeholders: which texts stand for no value."""

import pytest

from models.rules.address import known
from models.rules.blank import is_blank
from models.rules.email import email_or_none
from models.rules.phone import phone_or_none


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "--", "—", ".", "...", "?", "????", "/", "@", "+", "0", "00", "0.0", "0,00"),
        *("n/a", "N/A", "n.a.", "NA", "NULL", "null", "None", "NONE", "NaN", "nil", "k.A.", "k. A.", "(null)", "\\N"),
        *("unknown", "Unbekannt", "keine Angabe"),
        *("#N/A", "#NV", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#WERT!", "#¿NOMBRE?", "#########"),
    ],
)
def test_a_placeholder_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize(
    "name", ["Null", "Nil", "Na", "Nan", "K.A.", "X", "Ø", "O", "No", "李", "007", "C++", "#VIP", "☕"]
)
def test_a_name_that_looks_like_a_placeholder_is_kept(name: str) -> None:
    assert not is_blank(name)


def test_a_placeholder_is_recognized_after_cleaning() -> None:
    assert known(" \u200bn/a\x00 ") is None


@pytest.mark.parametrize("text", ["-", "n/a", "#N/A", "0", "NULL", " "])
def test_a_typed_placeholder_is_no_address(text: str) -> None:
    assert email_or_none(text) is None
    assert phone_or_none(text, "DE") == (None, None)
