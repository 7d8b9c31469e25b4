"""Recognizes what people and programs write in a cell of which they know nothing."""

import re
import unicodedata

_IN_ANY_CASE = frozenset(
    {
        "n/a", "n.a.", "n. a.", "n/d", "none", "unknown", "undefined", "not available", "not applicable", "not provided",
        "unbekannt", "keine angabe", "(none)", "(null)", "<null>", "[null]", "(blank)", "(empty)", "\\n",
    }
)  # fmt: skip
_AS_WRITTEN = frozenset({"NULL", "null", "NIL", "nil", "NA", "NAN", "NaN", "nan", "k.A.", "k. A.", "k.a.", "k. a."})
"""Null, Nil, Na and Nan are people's names, and K.A. are their initials."""
_SPREADSHEET_ERROR = re.compile(r"#[¡¿]?[A-ZÀ-Þ/0]+[!?]|#N/[AD]|#NV|#ND")
_ZERO = re.compile(r"0+(?:[.,]0+)?")


def is_blank(text: str) -> bool:
    """Whether this stands for no value: nothing at all, only punctuation, a zero, "n/a" or the error of a formula."""
    if not any(map(str.isalnum, text)):
        return not any(map(_is_sign, text))
    if text in _AS_WRITTEN or text.lower() in _IN_ANY_CASE:
        return True
    return bool(_ZERO.fullmatch(text) or _SPREADSHEET_ERROR.fullmatch(text))


def _is_sign(letter: str) -> bool:
    """Whether this says something without being a letter, as an emoji does."""
    return unicodedata.category(letter)[0] not in "PZSC" or unicodedata.category(letter) == "So"
