"""Rendering templates, and how they can fail."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID

import pytest

from delivery.links import Links, LinkSigner
from delivery.render import RenderError, fill, render
from models.commands.sending import ClaimedMessage, SenderProfile
from models.rules.enums import Channel

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
KEY = UUID(int=1)
LINKS = Links("https://r.example.com", LinkSigner(("s" * 32,)))
HEADERS = {
    "From": "Bakery <hello@bakery.example.com>",
    "To": "Ann <ann@example.org>",
    "Reply-To": "desk@bakery.example.com",
    "Subject": "Hello",
    "Message-ID": f"<{KEY.hex}@bakery.example.com>",
    "Date": "Mon, 04 May 2026 09:00:00 +0000",
    "List-Unsubscribe": f"<{LINKS.unsubscribe(KEY, NOW)}>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def rendered(**sender: str) -> EmailMessage:
    """A rendered e-mail, parsed."""
    profile: dict[str, Any] = {"location_name": "Bakery", "language": "en", "postal_address": "1 High Street"}
    profile |= {"name": "Bakery", "email": "hello@bakery.example.com", "reply_to": None}
    claimed = ClaimedMessage(
        id=KEY, account_id=KEY, invitation_id=KEY, template_id=KEY, step=1, channel=Channel.EMAIL, attempts=1, due_at=NOW,
        recipient="ann@example.org", first_name="Ann", last_name=None, employee=None, service=None,
        sender=SenderProfile(**profile | sender), subject="Hello", text="Hello", html="<p>Hello</p>",
        account_zone="UTC", anchor_day=1,
    )  # fmt: skip
    return message_from_bytes(render(claimed, LINKS, NOW).message, policy=default)


def bodies(**sender: str) -> dict[str, str]:
    """The text and HTML of a rendered e-mail."""
    message = rendered(**sender)
    parts = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    return {kind: str(part.get_content()) for kind, part in parts.items() if part}


def test_headers_name_sender_and_recipient_and_offer_unsubscribing() -> None:
    headers = rendered(reply_to="desk@bakery.example.com")
    assert {name: str(headers[name]) for name in HEADERS} == HEADERS


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_postal_address_keeps_its_lines_in_text_and_html(end: str) -> None:
    texts = bodies(postal_address=end.join(["1 <High> Street", "10115 Berlin", "Germany"]))
    assert "\nBakery\n1 <High> Street\n10115 Berlin\nGermany\nYou receive" in texts["plain"].replace("\r\n", "\n")
    html = "".join(texts["html"].splitlines())
    assert "Bakery<br>1 &lt;High&gt; Street<br>10115 Berlin<br>Germany<br>You receive" in html


@pytest.mark.parametrize(
    "template",
    [
        "{{ nobody }}",
        "{{ last_name",
        "{{ last_name.split().pop() }}",
        "{{ '{}'.format() }}",
        "{{ {}['key'].more }}",
        "{{ last_name.__class__.__mro__ }}",
        "{{ 1 / 0 }}",
        "{{ range(10 ** 9) }}",
        "{{ 'a'.encode('no such code') }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
    ],
)
def test_any_failure_in_a_template_is_a_render_error(template: str) -> None:
    with pytest.raises(RenderError):
        fill(template, {"last_name": ""})
