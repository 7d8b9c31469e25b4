"""Validates domain names and converts them to ASCII."""

import re

import idna

from models.rules.mail_typos import NO_TOP_LEVEL, likely_domain

LONGEST_DOMAIN, LONGEST_LABEL = 253, 63
_LABEL = re.compile(r"(?!-).+(?<!-)")
_TOP_LEVEL = re.compile(r"[a-z]+|xn--[a-z0-9-]+")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*|[0-9a-f:.]*:[0-9a-f:.]*")
_FORBIDDEN = re.compile(r"[^a-z0-9.\u0080-\U0010FFFF-]")
_SEPARATOR = re.compile("[.,;]")
_DOTS = re.compile("[\u3002\uff0e\uff61]")
"""Dots of other scripts, which separate labels too."""


def ascii_domain(domain: str) -> str:
    """Converts to lower case, and internationalized labels to xn--…. Raises ValueError with a message for users."""
    written = _DOTS.sub(".", domain).lower()
    if reason := _form(written):
        raise ValueError(reason)
    lowered = _ascii(written)
    if reason := _ending(lowered, written):
        raise ValueError(reason)
    return lowered


def ascii_host(host: str) -> str:
    """Like `ascii_domain`, but also accepts names without a top-level domain and IP addresses, as in URLs."""
    lowered = _ascii(host)
    if not _HOST.fullmatch(lowered) or len(lowered) > LONGEST_DOMAIN:
        raise ValueError(f"“{_short(host)}” is not a valid host; check its spelling.")
    return lowered


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain.lower(), uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        if max(len(label.encode("punycode")) for label in domain.split(".")) > LONGEST_LABEL - len("xn--"):
            raise ValueError(_TOO_LONG) from error
        raise ValueError(f"“{_short(domain)}” is not a valid domain; check its spelling.") from error


def _form(domain: str) -> str | None:
    """What is wrong with a domain in any script, as it was written; the most obvious reason first."""
    labels = domain.split(".")
    if forbidden := _FORBIDDEN.search(domain):
        return f"“{_short(domain)}” contains “{forbidden[0]}”, which a domain cannot; {_instead(domain)}."
    if not all(labels):
        return f"The domain “{_short(domain)}” has an extra dot, or a part is missing; {_instead(domain)}."
    if all(label.isdigit() for label in labels) and len(labels) == 4:
        return "Write a domain, as in example.com, and not an IP address."
    if len(labels) < 2:
        return f"The domain “{_short(domain)}” has no ending; write all of it, as in example.com."
    if not all(map(_LABEL.fullmatch, labels)):
        return f"No part of a domain begins or ends with a hyphen, as in “{_short(domain)}”; leave it out."
    return None


def _instead(domain: str) -> str:
    """What was probably meant: with dots for commas and semicolons, and none too many."""
    likely = ".".join(label for label in _SEPARATOR.split(domain) if label)
    if not likely or _FORBIDDEN.search(likely) or _form(likely):
        return "write it as in example.com"
    return f"write {_short(likely)}"


_TOO_LONG = f"A domain has at most {LONGEST_DOMAIN} characters, and {LONGEST_LABEL} between two dots."


def _ending(domain: str, written: str) -> str | None:
    """What is wrong with an ASCII domain of this form: its length, an xn-- label or its top level. `written` is what to call it."""
    labels = domain.split(".")
    if len(domain) > LONGEST_DOMAIN or max(map(len, labels)) > LONGEST_LABEL:
        return _TOO_LONG
    if broken := next((label for label in labels if label.startswith("xn--") and decoded(label) is None), None):
        return f"“{broken}” is not a valid internationalized name; write the domain as people read it, as in müller.de."
    if len(labels[-1]) < 2:
        return f"The domain's ending “.{labels[-1]}” is too short; check it, as in .com."
    if labels[-1] in NO_TOP_LEVEL:
        return f"“.{labels[-1]}” is not a top-level domain; did you mean {likely_domain(written) or likely_domain(domain)}?"
    if not _TOP_LEVEL.fullmatch(labels[-1]):
        return f"“.{labels[-1]}” is not a top-level domain; check the ending."
    return None


def decoded(label: str) -> str | None:
    """The word in another script that an xn-- label stands for, or None. It can have emoji, which IDNA 2008 lacks but registries
    have sold."""
    encoded = label.removeprefix("xn--")
    try:
        word = encoded.encode("ascii").decode("punycode")
        canonical = word.encode("punycode").decode("ascii") == encoded
    except UnicodeError:
        return None
    return word if canonical and not word.isascii() and word.isprintable() else None


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
