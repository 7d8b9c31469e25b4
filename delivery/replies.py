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
    """SESSION: connect again, with the same message. RELAY: nothing can be sent now. SENDER: nothing of this sender. TEXT: not this
    text, which is too large. POLICY: not now, by a policy, for a fault of the relay, or for an unknown reason. MESSAGE: not to this
    person now. PERSON: never."""

    SESSION = "SESSION"
    RELAY = "RELAY"
    SENDER = "SENDER"
    TEXT = "TEXT"
    POLICY = "POLICY"
    MESSAGE = "MESSAGE"
    PERSON = "PERSON"


_ENHANCED = re.compile(r"\s*#?[245]\.(\d{1,3})\.(\d{1,3})\b")
_LOGIN = {530, 534, 535, 538}
_LOGIN_LATER = re.compile(r"authenticat|\btls\b", re.IGNORECASE)
"""What a 454 says if it is about our login; others say it of messages."""
_OUR_COMMANDS = {500, 501, 502, 504, 555}
_TOO_MANY = re.compile(
    r"too much mail|too many (?:messages|mails|recipients|connections|commands|errors)", re.IGNORECASE
)
_OF_PERSON = {(1, 0), (1, 1), (1, 4), (1, 6), (2, 1)}
"""Enhanced codes, without their class, that are about the recipient unless the words say otherwise."""
_NO_SUCH_DOMAIN = {(1, 2), (1, 3), (1, 10), (4, 4)}
_REFUSED_BY_EXCHANGE = (4, 1)
"""With "Recipient address rejected: Access denied", Exchange refuses unknown recipients."""
_OF_MESSAGE = {(2, 2), (2, 3), (4, 7), (6, 0), (6, 1), (6, 2), (6, 3), (6, 5), (6, 6), (6, 7)}
_OF_SENDER = {(1, 7), (1, 8)}
_TOO_LARGE = (3, 4)
_MAILBOX = re.compile(r"mailbox|recipient|\buser\b", re.IGNORECASE)
_PERSON = re.compile(
    r"(?:user|recipient|mailbox|account|e-?mail|address)\b.{0,40}\b(?:unknown|not? (?:found|exist|local)|doesn.?t (?:exist|have)|"
    r"does not exist|invalid|disabled|inactive|unavailable|deactivated)|"
    r"(?:no such|unknown|invalid|bad destination) (?:user|recipient|mailbox|address|local part)|"
    r"no mailbox (?:here )?by that name|not (?:a )?(?:known|valid) (?:user|recipient|mailbox|address)|unrouteable address|"
    r"unbekannt|inconnu|desconocid|sconosciut|onbekend|nieznan|nie ma takiego",
    re.IGNORECASE,
)
_SENDER = re.compile(
    r"relay|quota|limit|exceed|\brate\b|too (?:many|quickly|fast)|per (?:hour|day)|this hour|maximum number|client host|\bhost\b|"
    r"\bip\b|"
    r"blocked|block ?list|black ?list|spamhaus|\bzen\b|\brbl\b|\bptr\b|rdns|reverse|helo|banned|sending|submit|authenticat|"
    r"suspended|reputation|\bspf\b|dkim|dmarc|\bsender\b|your (?:account|e-?mail account|ip|domain|server|mta|access|organi)",
    re.IGNORECASE,
)
"""Words about the sender, its server or its quota."""
_POLICY = re.compile(
    r"polic|denied|spam|content|virus|verif|header|prohibit|authori[sz]|refused|violat|reput|suspicious", re.IGNORECASE
)


def about(phase: Phase, code: int, text: str) -> About:
    """What a reply that is neither positive nor 354 is about. Nothing ends a person unless the reply clearly names them."""
    if code in (421, 503):
        return About.SESSION
    if phase is not Phase.BODY and (code in _LOGIN or (code == 454 and _LOGIN_LATER.search(text))):
        return About.RELAY
    if code in _OUR_COMMANDS and phase is not Phase.RCPT:
        return About.SENDER
    if phase is Phase.MAIL and (
        _enhanced(text) == _TOO_LARGE or (code == 552 and "size" in text.lower())
    ):  # the size was announced (RFC 1870)
        return About.TEXT
    if phase is Phase.MAIL:
        return About.SESSION if code < 500 and _TOO_MANY.search(text) else About.SENDER
    if code < 500:
        return About.SESSION if code == 452 and _TOO_MANY.search(text) else _temporary(text)
    return _permanent(code, text)


def _is_too_large(code: int, text: str) -> bool:
    """MAIL announces the size of the text (RFC 1870)."""
    return _enhanced(text) == _TOO_LARGE or (code == 552 and "size" in text.lower())


def _enhanced(text: str) -> tuple[int, int] | None:
    found = _ENHANCED.match(text)
    return (int(found[1]), int(found[2])) if found else None


def _temporary(text: str) -> About:
    """Given up after a day only if the reply names the recipient."""
    enhanced = _enhanced(text)
    if enhanced is None:
        return About.MESSAGE if _MAILBOX.search(text) and not _SENDER.search(text) else About.POLICY
    return About.MESSAGE if enhanced[0] in (1, 2) and enhanced not in _OF_SENDER else About.POLICY


def _permanent(code: int, text: str) -> About:
    enhanced = _enhanced(text)
    if enhanced in _OF_MESSAGE or (enhanced is None and code == 552):
        return About.MESSAGE
    if enhanced in (*_OF_SENDER, (4, 5), (4, 6)) or (enhanced is not None and enhanced[0] == 3):
        return About.SENDER
    if enhanced in _NO_SUCH_DOMAIN:
        return About.PERSON
    if _SENDER.search(text):
        return About.SENDER
    if enhanced == _REFUSED_BY_EXCHANGE:
        return About.PERSON
    if _POLICY.search(text):
        return About.POLICY
    return About.PERSON if enhanced in _OF_PERSON or _PERSON.search(text) else About.POLICY
