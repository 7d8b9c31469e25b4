"""Parses a search into words that must all match, and phone numbers."""

import re
from dataclasses import dataclass
from itertools import groupby
from unicodedata import normalize

FEWEST_LETTERS, MAX_WORDS = 3, 8
_TATWEEL = "ـ"
_INTERNATIONAL = re.compile(r"(?:\+|00|011)([1-9][0-9]*)")
"""A full or partial international number: plus or an international prefix, then E.164 digits."""


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must all match, or the beginnings of a phone number in E.164, one of which must match."""

    words: tuple[str, ...] = ()
    e164: tuple[str, ...] = ()


def terms_of(search: str | None) -> list[Term]:
    """The terms, which must all match; none if the search has fewer than three letters or digits."""
    terms: list[Term] = []
    for is_number, group in groupby(_tokens(search), key=lambda token: not any(map(str.isalpha, token))):
        tokens = list(group)
        terms += [_number(tokens)] if is_number else [Term((token,)) for token in tokens]
    return [term for term in terms if term.words or term.e164][:MAX_WORDS]


def words_of(search: str | None) -> list[str]:
    """The words, which must all match; none if the search has fewer than three letters or digits."""
    return [token for token in _tokens(search) if any(map(str.isalnum, token))][:MAX_WORDS]


def _tokens(search: str | None) -> list[str]:
    if not search:
        return []
    text = normalize("NFKC", search)
    if sum(letter.isalnum() and letter != _TATWEEL for letter in text) < FEWEST_LETTERS:
        return []
    return text.split()


def _number(tokens: list[str]) -> Term:
    """Consecutive tokens without letters: one number, or parts of several. Searches for the parts as words, but converts an
    international prefix, which is not stored, and a trunk zero in brackets, which most countries drop in E.164."""
    words = tuple(token for token in tokens if any(map(str.isalnum, token)))[:MAX_WORDS]
    whole = "".join(tokens)
    dialed = "+" not in whole
    if not dialed and "(0)" not in whole:
        return Term(words)
    forms = (re.sub(r"[^0-9+]", "", form) for form in (whole, whole.replace("(0)", "")))
    found = tuple(sorted({match[1] for match in map(_INTERNATIONAL.fullmatch, forms) if match}))
    return Term(() if found and dialed and len(words) > 1 else words, found)
