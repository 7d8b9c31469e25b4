"""Cleans short texts, and recognizes those that say nothing."""

import unicodedata

from models.rules.blank import is_blank
from models.rules.errors import Invalid

LONGEST_TEXT = 200
_INVISIBLE = frozenset("\u00ad\u200b\u2060\ufeff")
"""Spaces without a width. The joiners and marks that some scripts need are not among them."""
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that show what follows in another order than it has, also outside the name."""
_UNWANTED = _INVISIBLE | _REORDERING


def clean(text: str | None) -> str | None:
    """Returns one line in NFC without control characters, or None if it is empty. Keeps every script intact."""
    if text is None:
        return None
    kept = text if text.isascii() and text.isprintable() else "".join(filter(_is_kept, text))
    return " ".join(unicodedata.normalize("NFC", kept).split()) or None


def _is_kept(letter: str) -> bool:
    if letter.isspace():
        return True
    return unicodedata.category(letter) not in ("Cc", "Cs") and letter not in _UNWANTED


def known(text: str | None) -> str | None:
    """Cleans the text. None also for placeholders such as "-" and "n/a"."""
    cleaned = clean(text)
    return None if cleaned is None or is_blank(cleaned) else cleaned


def clean_short(text: str | None, name: str) -> str | None:
    """Cleans the text. Raises Invalid if it is longer than LONGEST_TEXT."""
    kept = clean(text)
    if kept is not None and len(kept) > LONGEST_TEXT:
        raise Invalid(f"{name} is longer than {LONGEST_TEXT} characters.", [name])
    return kept


def known_short(text: str | None, name: str) -> str | None:
    """Like `clean_short`, but None also for placeholders."""
    return known(clean_short(text, name))
