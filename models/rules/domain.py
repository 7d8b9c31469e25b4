"""Domain names: what is wrong with one, and its ASCII form; pure."""

import re

import idna

LONGEST_DOMAIN, LONGEST_LABEL = 253, 63
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_ENDING = re.compile(r"[a-z]+|xn--[a-z0-9-]+")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*|[0-9a-f:.]*:[0-9a-f:.]*")
_STRANGER = re.compile(r"[^a-z0-9.-]")


def ascii_domain(domain: str) -> str:
    """In lower case, with internationalized labels as xn--…. Raises ValueError, whose text is what to tell a person."""
    lowered = _ascii(domain)
    if reason := _reason(lowered):
        raise ValueError(reason)
    return lowered


def ascii_host(host: str) -> str:
    """As `ascii_domain`, but also a name without an ending, or an IP address, as the host of a URL may be."""
    lowered = _ascii(host)
    if not _HOST.fullmatch(lowered) or len(lowered) > LONGEST_DOMAIN:
        raise ValueError(f"There can be no host “{_short(host)}”; check its spelling.")
    return lowered


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain.lower(), uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise ValueError(f"There can be no domain “{_short(domain)}”; check its spelling.") from error


def _reason(domain: str) -> str | None:
    """What is wrong with a domain in ASCII, the plainest reason first."""
    labels = domain.split(".")
    if stranger := _STRANGER.search(domain):
        return f"A domain cannot have “{stranger[0]}”, as “{_short(domain)}” does."
    if not all(labels):
        return f"The domain “{_short(domain)}” has a dot too many, or a part is missing."
    if all(label.isdigit() for label in labels) and len(labels) == 4:
        return "Write a domain, as in example.com, and not an IP address."
    if len(labels) < 2:
        return f"The domain “{_short(domain)}” has no ending; write all of it, as in example.com."
    if len(domain) > LONGEST_DOMAIN or max(map(len, labels)) > LONGEST_LABEL:
        return f"A domain has at most {LONGEST_DOMAIN} characters, and {LONGEST_LABEL} between two dots."
    if not all(map(_LABEL.fullmatch, labels)):
        return f"No part of a domain begins or ends with a hyphen, as in “{_short(domain)}”."
    if len(labels[-1]) < 2:
        return f"The domain's ending “.{labels[-1]}” is too short; check it, as in .com."
    if not _ENDING.fullmatch(labels[-1]):
        return f"There is no domain ending “.{labels[-1]}”; check it, as in .com."
    return None


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
