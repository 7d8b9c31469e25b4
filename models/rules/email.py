"""Validates e-mail addresses against a strict grammar, with a reason for each refusal."""

import re
import unicodedata

from models.rules.address import known
from models.rules.domain import ascii_domain
from models.rules.errors import InvalidEmail

LONGEST_EMAIL, LONGEST_LOCAL_PART = 254, 64
_FORBIDDEN = re.compile(r"[^a-z0-9!#$%&'*+/=?^_`{|}~.-]")
_SEPARATOR = re.compile(r"[,;\s]")
_HIDDEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_AROUND = "".join(one for one in map(chr, range(0x3001)) if one.isspace()) + _HIDDEN
"""What address books and web pages leave around a copied address."""
_EXAMPLE = "as in ann@example.com"


def normalize_email(text: str) -> str:
    """Converts to lower case and ASCII, since not every relay accepts others (RFC 6531). Raises InvalidEmail."""
    address = text.strip().lower()
    if not address.isprintable():
        address = address.strip(_AROUND)
    reason = _shape(address)
    local, _, domain = address.rpartition("@")
    try:
        reason = reason or _local_part(local)
        whole = "" if reason else f"{local}@{ascii_domain(domain)}"
    except ValueError as error:
        raise InvalidEmail(str(error), ["email"]) from error
    if reason or len(whole) > LONGEST_EMAIL:
        raise InvalidEmail(reason or f"An e-mail address has at most {LONGEST_EMAIL} characters.", ["email"])
    return whole


def email_or_none(text: str | None) -> str | None:
    """None for blanks and placeholders. Raises InvalidEmail."""
    return normalize_email(text) if text and known(text) else None


def _shape(address: str) -> str | None:
    """What is wrong with the overall form: not exactly one address, or text around it."""
    if hidden := _invisible(address):
        return f"This address has an invisible character (U+{ord(hidden):04X}); enter it again without it."
    if "@" not in address:
        return "Write @ instead of ＠." if "＠" in address else f"An e-mail address has an @, {_EXAMPLE}."
    if "<" in address or address.startswith("mailto:"):
        return f"Give the address alone, without a name, brackets or “mailto:”, {_EXAMPLE}."
    if address.count("@") > 1:
        several = sum("@" in part.strip("@") for part in _SEPARATOR.split(address)) > 1
        return "Give one e-mail address, not several." if several else f"An e-mail address has only one @, {_EXAMPLE}."
    if any(map(str.isspace, address)):
        return f"An e-mail address has no spaces, {_EXAMPLE}."
    if address.startswith("@") or address.endswith("@"):
        return f"Something is missing {'before' if address.startswith('@') else 'after'} the @; write it {_EXAMPLE}."
    return None


def _invisible(address: str) -> str | None:
    if address.isprintable():
        return None
    return next((char for char in address if unicodedata.category(char)[0] == "C" and not char.isspace()), None)


def _local_part(local: str) -> str | None:
    if not local.isascii():
        other = next(char for char in local if not char.isascii())
        return f"Only ASCII letters can stand before the @, and not “{other}”; give another address of this person."
    if forbidden := _FORBIDDEN.search(local):
        return f"“{forbidden[0]}” is not allowed before the @; write it {_EXAMPLE}, or check the address."
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return "Before the @, a dot cannot come first, last or twice in a row; leave out the extra dot, or check the address."
    if len(local) > LONGEST_LOCAL_PART:
        return f"At most {LONGEST_LOCAL_PART} characters can stand before the @; check the address."
    return None
