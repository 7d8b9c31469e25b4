"""Shows internationalized domains as people type them; stored, and sent to relays, they are xn-- labels."""

import re
import unicodedata

import idna

from models.rules.domain import ascii_domain, decoded

_SCRIPT = re.compile(
    "ARABIC|ARMENIAN|BENGALI|BOPOMOFO|CJK|CYRILLIC|DEVANAGARI|ETHIOPIC|GEORGIAN|GREEK|GUJARATI|GURMUKHI|HANGUL|HEBREW|HIRAGANA|"
    "IDEOGRAPHIC|KANNADA|KATAKANA|KHMER|LAO|LATIN|MALAYALAM|MYANMAR|ORIYA|SINHALA|TAMIL|TELUGU|THAANA|THAI|TIBETAN"
)
"""The scripts in everyday use (UAX 31, table 5), as names of characters begin: Python has no table of scripts."""
_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
"""Scripts that Japanese, Chinese and Korean mix."""
_OF_ANY_SCRIPT = frozenset("0123456789-·")
_LATIN = re.compile("[a-z\u00df-\u00f6\u00f8-\u0137\u0139-\u017e\u01a1\u01b0\u0219\u021b\u0259\u1e00-\u1eff]")
"""Letters of today's languages, without phonetic ones such as ɡ, clicks such as ǃ, and kra."""
_LIKE_LATIN = frozenset("асԁеһіјӏорԛѕԝхуѵ" + "αικνορυχ" + "զհյոսօ") | _OF_ANY_SCRIPT
"""Cyrillic, Greek and Armenian letters that look like Latin ones."""


def shown_email(address: str) -> str:
    """An address as its owner types it. Anything without an @ stays as it is."""
    if "xn--" not in address:
        return address
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{shown_domain(domain)}" if at else address


def shown_domain(domain: str) -> str:
    """A stored domain, with its xn-- labels in their own script.

    As browsers do, a label stays xn-- if it could mislead: it mixes scripts (UTS 39, 5.2, "highly restrictive"), has characters
    that are invisible or not in everyday use, or consists of letters that look like Latin ones below a Latin top level. So does
    the whole domain if right-to-left letters would make its labels change places (RFC 5893), or if `ascii_domain` does not accept
    what would be shown.
    """
    if "xn--" not in domain:
        return domain
    *names, top = domain.split(".")
    top = _shown(top, below_latin=True)
    words = [*(_shown(name, below_latin=top.isascii()) for name in names), top]
    shown = ".".join(words)
    return shown if _keeps_order(words) and _is_accepted(shown, domain) else domain


def _shown(label: str, *, below_latin: bool) -> str:
    word = decoded(label) if label.startswith("xn--") else None
    if word is None or not _is_clear(word) or (below_latin and _LIKE_LATIN.issuperset(word)):
        return label
    return word


def _is_clear(word: str) -> bool:
    scripts = {_script(letter) for letter in word if letter not in _OF_ANY_SCRIPT}
    return None not in scripts and (len(scripts) == 1 or any(scripts <= together for together in _TOGETHER))


def _script(letter: str) -> str | None:
    """None for letters that are not in everyday use, and for what is no letter."""
    found = _SCRIPT.match(unicodedata.name(letter, ""))
    if found is None or (found[0] == "LATIN" and not _LATIN.fullmatch(letter)):
        return None
    return "CJK" if found[0] == "IDEOGRAPHIC" else found[0]


def _keeps_order(words: list[str]) -> bool:
    """Whether labels stay where they are although some are read from right to left."""
    if all(unicodedata.bidirectional(letter) not in ("R", "AL", "AN") for word in words for letter in word):
        return True
    try:
        return all(idna.check_bidi(word, check_ltr=True) for word in words)
    except idna.IDNABidiError:
        return False


def _is_accepted(shown: str, domain: str) -> bool:
    """Whether this, typed into a form, is the same domain again."""
    try:
        return ascii_domain(shown) == domain
    except ValueError:
        return False
