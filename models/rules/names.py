"""Splits full names into a first and a last name."""

import re

from models.rules.address import known

_COMMA = re.compile("[,\uff0c\u060c]")
"""Also as Chinese, Japanese and Arabic texts write it."""
_TITLES = frozenset(
    {
        "dr",
        "prof",
        "professor",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "sir",
        "herr",
        "frau",
        "mme",
        "mlle",
        "rev",
        "dipl-ing",
    }
)
_PARTICLES = frozenset(
    {
        "von", "vom", "van", "zu", "zum", "zur", "und", "der", "den", "de", "del", "della", "di", "da", "dal", "dos", "das",
        "do", "du", "des", "la", "las", "le", "les", "los", "lo", "ter", "ten", "te", "t", "af", "av", "st", "mc", "mac", "o", "el",
        "san", "santa",
    }
)  # fmt: skip
_SUFFIXES = frozenset(
    {
        "Jr", "jr", "JR", "Jun", "jun", "Sr", "sr", "SR", "Sen", "sen", "II", "III", "IV", "Esq", "MD", "M.D", "DO", "DDS",
        "DPhil", "PhD", "Ph.D", "PHD", "JD", "LLM", "LL.M", "LLB", "MA", "M.A", "MS", "MSc", "M.Sc", "MBA", "BA", "B.A", "BS",
        "BSc", "B.Sc", "BEng", "B.Eng", "MEng", "M.Eng", "RN", "CPA",
    }
)  # fmt: skip
"""Compared with their case and inner dots, since Ma, Do and Ba are given names, and J.R. and J.D. initials."""


def split_full_name(name: str | None) -> tuple[str | None, str | None]:
    """Splits into the first word and the rest. "Berg, Ben" is swapped if a single family name precedes the comma and
    something other than a suffix or degree follows it. Titles stay with the word they precede."""
    cleaned = known(name)
    if cleaned is None:
        return None, None
    head, *tail = map(known, _COMMA.split(cleaned))
    behind = [part for part in tail if part]
    given = [part for part in behind if not _is_suffix(part)]
    if not tail or head is None or not _is_family(head) or len(given) > 1:
        return _in_order(", ".join([part for part in (head, *behind) if part]))
    first, *suffixes = _suffixes_apart(given[0]) if given else [None]
    return first, ", ".join([head, *(part for part in behind if _is_suffix(part)), *suffixes])


def _in_order(name: str) -> tuple[str | None, str | None]:
    """The first word, with the titles before it, and the rest. A single name after a title is a last name."""
    words = name.split(" ")
    titles = next((place for place, word in enumerate(words) if not _is_title(word)), len(words))
    if any(word.endswith(",") for word in words[: titles + 1]) or (titles and len(words) - titles < 2):
        return None, known(name)
    return known(" ".join(words[: titles + 1])), known(" ".join(words[titles + 1 :]))


def _is_family(part: str) -> bool:
    """Whether this is one word, or one with particles or titles before it and suffixes after it."""
    *before, _ = _suffixes_apart(part)[0].split(" ")
    return all(_is_title(word) or _bare(word) in _PARTICLES for word in before)


def _is_title(word: str) -> bool:
    return _bare(word) in _TITLES


def _bare(word: str) -> str:
    return word.strip(".'’").casefold()


def _is_suffix(part: str) -> bool:
    return all(word.rstrip(".") in _SUFFIXES or _is_title(word) for word in part.split(" "))


def _suffixes_apart(given: str) -> list[str]:
    """The given names, and each suffix after them."""
    words = given.split(" ")
    end = next(place for place in range(len(words), 0, -1) if place == 1 or not _is_suffix(words[place - 1]))
    return [" ".join(words[:end]), *words[end:]]
