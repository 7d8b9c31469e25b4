"""Tells encodings with one byte for each character apart, by the words that a text has in them."""

import re
from collections import Counter

DEFAULT = "windows-1252"
_WESTERN = frozenset("äöüßàâæçéèêëîïôœùûÿñáíóúåøãõìòýþð")
_CENTRAL = frozenset("ąćęłńóśźżáčďéěíňřšťúůýžľĺŕôäőűöüßđ")
_LETTERS = {
    DEFAULT: _WESTERN,
    "windows-1250": _CENTRAL,
    "ISO-8859-2": _CENTRAL,
    "macintosh": _WESTERN,
    "IBM850": _WESTERN,
}
"""The letters, beside those of ASCII, of the languages that are written in each encoding."""
CODE_PAGES = frozenset(_LETTERS)
_WORD = re.compile(r"[^\W\d_]{2,}")
_PUNCTUATION = re.compile(r"[’‘]|[–—](?![a-z])|(?<![^\W\d_])[“”„‚…]|[“”„‚…™®](?![^\W\d_])")
_SEQUENCE = re.compile(rb"[\xa1-\xff]{3,}")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_FEWEST, _FEWEST_OF_OTHER_SCRIPT, _MOST = 2, 6, 0.8
"""How many characters, of as many kinds, rule out the default; how many tell another script; and the share that must fit."""


def code_page(sample: bytes) -> str | None:
    """The encoding's name; the default unless another one makes words of what is none in it. None for another script, such as
    Greek, whose words have no letters of ASCII."""
    size = len(_NOT_ASCII.findall(sample))
    in_sequence = sum(map(len, _SEQUENCE.findall(sample)))
    if in_sequence >= _FEWEST_OF_OTHER_SCRIPT and in_sequence * 2 > size:
        return None
    fitting = {name: _fitting(sample, name) for name in _LETTERS}
    best = max(fitting, key=lambda name: fitting[name].total())
    gained = fitting[best] - fitting[DEFAULT]
    fits = len(gained) >= _FEWEST and fitting[best].total() >= max(size * _MOST, fitting[DEFAULT].total() + _FEWEST)
    return best if fits else DEFAULT


def _fitting(sample: bytes, name: str) -> Counter[bytes]:
    """The bytes that are letters within words, or punctuation, if the text is in this encoding."""
    text = sample.decode(name, "replace")
    words = (word for word in _WORD.findall(text) if not word.isascii() and _has_usual_case(word))
    letters = (one for word in words for one in word if one.lower() in _LETTERS[name])
    return Counter(one.encode(name) for one in (*letters, *_PUNCTUATION.findall(text)))


def _has_usual_case(word: str) -> bool:
    return word.islower() or word.isupper() or (word[0].isupper() and word[1:].islower())
