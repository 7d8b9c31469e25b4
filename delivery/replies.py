"""What an SMTP reply is about: the session, the relay, the sender, the message, or the person; pure.

Codes: RFC 5321, 4.2; enhanced codes: RFC 3463 and the IANA registry. Where a reply has no enhanced code, words that common
relays use decide.
"""

import re
from enum import StrEnum


class Phase(StrEnum):
    """How far a message has come: MAIL, RCPT, DATA (the command), BODY (the text and its final dot)."""

    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    BODY = "BODY"


class About(StrEnum):
    """SESSION: connect again, with the same message. RELAY: nothing can be sent now. SENDER: this sender, its quota or its
    reputation. MESSAGE: later. PERSON: never."""

    SESSION = "SESSION"
    RELAY = "RELAY"
    SENDER = "SENDER"
    MESSAGE = "MESSAGE"
    PERSON = "PERSON"


_ENHANCED = re.compile(r"\s*[245]\.(\d{1,3})\.(\d{1,3})\b")
_LOGIN = {530, 534, 535, 538, 454}
_OUR_COMMANDS = {500, 501, 502, 504, 555}
_TOO_MANY = re.compile(r"too many (?:messages|mails|recipients|connections|commands|errors)", re.IGNORECASE)
_UNKNOWN_PERSON = re.compile(
    r"(?:user|recipient|mailbox|account|address|e-?mail)\b.{0,40}\b(?:unknown|not? (?:found|exist)|doesn.?t exist|does not "
    r"exist|invalid|disabled|inactive|unavailable|suspended|deactivated|unbekannt|existiert nicht)|"
    r"(?:no such|unknown|invalid|bad destination) (?:user|recipient|mailbox|address|local part)|"
    r"no mailbox (?:here )?by that name|not (?:a )?(?:known|valid) (?:user|recipient|mailbox|address)|unrouteable address|"
    r"recipient (?:address )?rejected: (?!.*(?:block|polic|spam|reput|client|helo|greylist|quota|rate))",
    re.IGNORECASE,
)
_POLICY = re.compile(
    r"relay(?:ing)?\b|denied|block(?:ed|list)?|blacklist|\brbl\b|dnsbl|spamhaus|barracuda|spam|polic|reput|quota|limit|\brate\b|"
    r"authenticat|\bspf\b|dkim|dmarc|helo|ehlo|\brdns\b|\bptr\b|reverse|\bip\b|sender|greylist|virus|content",
    re.IGNORECASE,
)


def about(phase: Phase, code: int, text: str) -> About:
    """What a reply that is neither positive nor 354 is about."""
    if code == 421 or code == 503:
        return About.SESSION
    if code in _LOGIN and phase is not Phase.BODY:
        return About.RELAY
    if code in _OUR_COMMANDS and phase is not Phase.RCPT:
        return About.SENDER
    if found := _ENHANCED.match(text):
        return _by_enhanced(phase, code, int(found[1]), int(found[2]), text)
    return _by_words(phase, code, text)


def _by_enhanced(phase: Phase, code: int, subject: int, detail: int, text: str) -> About:
    if phase is Phase.MAIL:
        return _at_mail(code, text)
    if code < 500:
        return _temporary(code, text)
    if subject in (3, 7) or (subject, detail) in {
        (4, 5),
        (4, 6),
        (1, 7),
        (1, 8),
        (0, 0),
        (5, 0),
        (5, 1),
        (5, 2),
        (5, 4),
    }:
        return _permanent_of_ours(phase, subject, detail, text)
    if subject == 1 or (subject, detail) in {(2, 1), (4, 1), (4, 4)}:
        return About.PERSON
    return About.MESSAGE


def _permanent_of_ours(phase: Phase, subject: int, detail: int, text: str) -> About:
    """Policies, quotas and protocol errors; some relays use their codes for people that they do not know."""
    unsure = (subject, detail) in {(7, 1), (0, 0), (5, 0), (5, 1), (5, 4)}
    return About.PERSON if unsure and phase is Phase.RCPT and _names_nobody(text) else About.SENDER


def _by_words(phase: Phase, code: int, text: str) -> About:
    if phase is Phase.MAIL:
        return _at_mail(code, text)
    if code < 500:
        return _temporary(code, text)
    if code == 552:
        return About.MESSAGE
    if _names_nobody(text):
        return About.PERSON
    if phase is not Phase.RCPT or code == 554 or _POLICY.search(text):
        return About.SENDER
    return About.PERSON


_ANY_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>]+>?")


def without_addresses(reply: str) -> str:
    """A reply for the log, in one line and without the addresses that it may quote."""
    return _ANY_ADDRESS.sub("(address)", " ".join(reply.split()))[:200]


def _names_nobody(text: str) -> bool:
    return _UNKNOWN_PERSON.search(text) is not None


def _at_mail(code: int, text: str) -> About:
    return About.SESSION if code < 500 and _TOO_MANY.search(text) else About.SENDER


def _temporary(code: int, text: str) -> About:
    return About.SESSION if code == 452 and _TOO_MANY.search(text) else About.MESSAGE
