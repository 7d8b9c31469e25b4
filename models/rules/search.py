"""What somebody types into the search: words that must all be there, and numbers as they are dialed; pure."""

import re
from dataclasses import dataclass
from itertools import groupby
from unicodedata import normalize

FEWEST_LETTERS, MAX_WORDS = 3, 8
_TATWEEL = "ـ"
_FROM_ABROAD = re.compile(r"(?:\+|00|011)([1-9][0-9]*)")
"""A number, or its beginning, as dialed from abroad: the prefix of most countries or of North America, then E.164."""


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must all be there, or a phone number whose E.164 form begins with one of these digits."""

    words: tuple[str, ...] = ()
    e164: tuple[str, ...] = ()


def terms_of(search: str | None) -> list[Term]:
    """All of them must hold; none while there are fewer than three letters or digits in all."""
    text = normalize("NFKC", search or "")
    if sum(letter.isalnum() and letter != _TATWEEL for letter in text) < FEWEST_LETTERS:
        return []
    terms: list[Term] = []
    for is_number, group in groupby(text.split(), key=lambda token: not any(map(str.isalpha, token))):
        tokens = list(group)
        terms += [_number(tokens)] if is_number else [Term((token,)) for token in tokens]
    return [term for term in terms if term.words or term.e164][:MAX_WORDS]


def _number(tokens: list[str]) -> Term:
    """Tokens in a row without a letter: one number, or parts of some. Its parts find it, but for the prefix that it is dialed
    with, which is stored with no number, and the zero in brackets, which is left out from abroad in most countries."""
    words = tuple(token for token in tokens if any(map(str.isalnum, token)))[:MAX_WORDS]
    whole = "".join(tokens)
    dialed = "+" not in whole
    if not dialed and "(0)" not in whole:
        return Term(words)
    forms = (re.sub(r"[^0-9+]", "", form) for form in (whole, whole.replace("(0)", "")))
    found = tuple(sorted({match[1] for match in map(_FROM_ABROAD.fullmatch, forms) if match}))
    return Term(() if found and dialed and len(words) > 1 else words, found)
