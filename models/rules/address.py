"""Cleans names and other short texts."""

import re
import unicodedata

from models.rules.errors import Invalid

LONGEST_TEXT = 200
_SPACES = re.compile(r"\s+")


def clean(text: str | None) -> str | None:
    """Returns one line in NFC without control characters, or None if it is empty. Keeps every script intact."""
    if text is None:
        return None
    spaced = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    kept = "".join(letter for letter in spaced if unicodedata.category(letter) not in ("Cc", "Cs"))
    return kept.strip() or None


def clean_short(text: str | None, name: str) -> str | None:
    """Cleans the text. Raises Invalid if it is longer than LONGEST_TEXT."""
    kept = clean(text)
    if kept is not None and len(kept) > LONGEST_TEXT:
        raise Invalid(f"{name} is longer than {LONGEST_TEXT} characters.", [name])
    return kept


def split_full_name(name: str) -> tuple[str | None, str | None]:
    """Splits into the first word and the rest; also accepts "Last, First"."""
    cleaned = clean(name)
    if cleaned is None:
        return None, None
    last, comma, first = cleaned.partition(",")
    if comma and first.strip():
        return first.strip(), last.strip() or None
    first, _, last = cleaned.partition(" ")
    return first, last.strip() or None
