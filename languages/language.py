"""What a language consists of. Every text is a field, so a language without one does not pass the type check."""

from dataclasses import dataclass
from typing import Literal

Direction = Literal["ltr", "rtl"]
_RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"})
_SCRIPT = 4
"""The length of a script's code, such as Arab in pa-Arab."""


@dataclass(frozen=True, slots=True)
class MailTexts:
    """`{location}` is the location's name, `{name}` who sends the message, and `{subject}` that of the message. The customer's
    name follows `hello`. Mail clients show the preheader beside the subject."""

    hello: str
    ask_subject: str
    ask_preheader: str
    ask: str
    remind_subject: str
    remind_preheader: str
    remind: str
    button: str
    closing: str
    why: str
    unsubscribe: str
    test: str


@dataclass(frozen=True, slots=True)
class SignInTexts:
    """The mail with which a member signs in: `{name}` is the member's name, `{accounts}` their accounts, and `{minutes}` how long
    the link works, which follows `open`."""

    subject: str
    open: str
    once: str
    ignore: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A page that only says something."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class PageTexts:
    """`{location}` is the location's name, `{name}` the customer's first name, `{score}` the score, `{address}` the
    customer's e-mail address or phone number, half hidden, and `{number}` that of an error."""

    hello: str
    hello_no_name: str
    question: str
    least: str
    most: str
    thanks_score: str
    platforms: str
    platforms_more: str
    note: str
    note_more: str
    send_note: str
    thanks_note: str
    no_score: str
    no_note: str
    no_platform: str
    enough: str
    unsubscribe: str
    unsubscribe_more: str
    unsubscribe_do: str
    unsubscribed: Notice
    undo_more: str
    undo: str
    undone: Notice
    undo_late: str
    unknown: Notice
    expired: Notice
    test: Notice
    too_long: Notice
    lost: Notice
    later: Notice
    broken: Notice


@dataclass(frozen=True, slots=True)
class Language:
    """`code` is the primary language's (ISO 639-1), `name` its English name."""

    code: str
    name: str
    direction: Direction
    mail: MailTexts
    sign_in: SignInTexts
    pages: PageTexts


def primary(tag: str) -> str:
    """The primary language of a tag: pt of pt-BR (RFC 5646)."""
    return tag.strip().replace("_", "-").partition("-")[0].lower()


def direction_of(tag: str) -> Direction:
    """The direction of any language, including those that are not here."""
    language, *more = tag.strip().replace("_", "-").lower().split("-")
    script = next((part for part in more if len(part) == _SCRIPT and part.isalpha()), None)
    is_right_to_left = script in _RIGHT_TO_LEFT_SCRIPTS if script else language in _RIGHT_TO_LEFT
    return "rtl" if is_right_to_left else "ltr"
