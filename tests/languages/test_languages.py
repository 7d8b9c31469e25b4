"""Every language has the texts and placeholders of English; what is not there falls back as a whole."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from languages import ENGLISH, LANGUAGES, Language, choose, direction_of


def texts(part: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text with its field's path."""
    for field in fields(part):
        value, name = getattr(part, field.name), f"{path}{field.name}"
        if is_dataclass(value):
            yield from texts(value, f"{name}.")
        else:
            yield name, value


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


EACH = pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)


@EACH
def test_every_text_has_the_placeholders_of_the_english_one(language: Language) -> None:
    wanted = dict(texts(ENGLISH))
    for name, text in texts(language):
        assert text.strip() == text != "", name
        assert placeholders(text) == placeholders(wanted[name]), name


@EACH
def test_no_text_is_left_in_english(language: Language) -> None:
    if language is not ENGLISH:
        english = dict(texts(ENGLISH))
        assert [name for name, text in texts(language) if text == english[name] and name != "direction"] == []


def test_french_punctuation_follows_a_no_break_space() -> None:
    for name, text in texts(LANGUAGES["fr"]):
        assert not re.search(r"[^\N{NO-BREAK SPACE}][:;?!]", text), name


@pytest.mark.parametrize(
    ("preferences", "location", "code"),
    [
        ([], "de", "de"),
        (["fr", "de"], "es", "fr"),
        (["ar", "pl"], "de", "pl"),
        (["pt-BR"], "de-CH", "de"),
        (["FR-ca"], None, "fr"),
        (["es_MX"], None, "es"),
        ([], "fil", "en"),
        ([], "frr", "en"),
        ([], "it", "en"),
        ([], None, "en"),
        (["*", ""], None, "en"),
    ],
)
def test_the_first_language_that_is_here_is_chosen(preferences: list[str], location: str | None, code: str) -> None:
    assert choose(preferences, location).code == code


@given(st.lists(st.text(max_size=8)), st.none() | st.text(max_size=8))
def test_there_is_a_language_for_everything(preferences: list[str], location: str | None) -> None:
    assert choose(preferences, location) in LANGUAGES.values()


@pytest.mark.parametrize(
    ("tag", "direction"),
    [
        ("ar", "rtl"),
        ("he-IL", "rtl"),
        ("fa", "rtl"),
        ("pa-Arab", "rtl"),
        ("ku-Latn", "ltr"),
        ("ar-Latn", "ltr"),
        ("de", "ltr"),
    ],
)
def test_a_tag_tells_its_direction(tag: str, direction: str) -> None:
    assert direction_of(tag) == direction
