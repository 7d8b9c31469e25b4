"""Renders a claimed message to the bytes to send: text and HTML of its template version, headers and footer."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from delivery.letter import address_header, header, letter
from delivery.links import Links
from delivery.transport import Envelope
from languages import Language, choose
from models.commands.sending import ClaimedMessage

_TEXT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_HTML = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)


class RenderError(Exception):
    """The template cannot be filled in; the message says why."""


@lru_cache(maxsize=512)
def _compiled(source: str, *, html: bool) -> Template:
    return (_HTML if html else _TEXT).from_string(source)


def fill(source: str, values: dict[str, Any], *, html: bool = False) -> str:
    """Raises RenderError if the template is invalid, uses an unknown variable, or fails in any other way."""
    try:
        return _compiled(source, html=html).render(values)
    except Exception as error:  # broad on purpose: the sandbox runs what a tenant wrote, which may raise anything
        raise RenderError(f"{type(error).__name__}: {error}") from error


def render(message: ClaimedMessage, links: Links, now: datetime) -> Envelope:
    """The envelope of one e-mail."""
    unsubscribe = links.unsubscribe(message.id, now)
    values = _values(message, links.review(message.id, now), unsubscribe)
    language = choose([message.sender.language])
    text = fill(message.text, values) + _text_footer(message, language, unsubscribe)
    opened = links.opened(message.id, now)
    html = fill(message.html, values, html=True) + _html_footer(message, language, unsubscribe, opened)
    headers = [
        *_addresses(message),
        header("Subject", fill(message.subject, values)),
        header("Message-ID", f"<{message.id.hex}@{message.sender.email.rpartition('@')[2]}>"),
        f"List-Unsubscribe: <{unsubscribe}>\r\n".encode("ascii"),
        header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ]
    page = _page(html, language)
    boundary = f"=_{message.id.hex}{message.attempts}"
    return Envelope(message.sender.email, message.recipient, letter(headers, now, boundary, text, page))


def _values(message: ClaimedMessage, review_url: str, unsubscribe_url: str) -> dict[str, Any]:
    return {
        "first_name": message.first_name or "",
        "last_name": message.last_name or "",
        "location": message.sender.location_name,
        "employee": message.employee or "",
        "service": message.service or "",
        "review_url": review_url,
        "unsubscribe_url": unsubscribe_url,
    }


def _addresses(message: ClaimedMessage) -> list[bytes]:
    sender = message.sender
    name = " ".join(part for part in (message.first_name, message.last_name) if part)
    made = [address_header("From", sender.name, sender.email), address_header("To", name, message.recipient)]
    if sender.reply_to:
        made.append(address_header("Reply-To", "", sender.reply_to))
    return made


def _text_footer(message: ClaimedMessage, language: Language, unsubscribe: str) -> str:
    sender, texts = message.sender, language.mail
    why = texts.why.format(name=sender.location_name)
    return f"\n\n-- \n{sender.location_name}\n{sender.postal_address}\n{why}\n{texts.unsubscribe}: {unsubscribe}\n"


_HTML_FOOTER = """
<hr><p style="color:#555;font-size:13px">{{ location }}<br>
{% for line in address %}{{ line }}<br>
{% endfor %}{{ sentence }}
<a href="{{ unsubscribe }}">{{ word }}</a></p><img src="{{ opened }}" width="1" height="1" alt="">
"""


def _html_footer(message: ClaimedMessage, language: Language, unsubscribe: str, opened: str) -> str:
    values = {
        "location": message.sender.location_name,
        "address": message.sender.postal_address.splitlines(),
        "sentence": language.mail.why.format(name=message.sender.location_name),
        "unsubscribe": unsubscribe,
        "word": language.mail.unsubscribe,
        "opened": opened,
    }
    return fill(_HTML_FOOTER, values, html=True)


def _page(body: str, language: Language) -> str:
    style = "font-family:sans-serif;font-size:16px;line-height:1.5"
    tag = f'<html lang="{language.code}" dir="{language.direction}">'
    return f'<!doctype html>{tag}<body style="{style}">{body}</body></html>\n'
