"""Drafts for tests, and how a mail is read back."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID

from delivery.links import Links, LinkSigner
from delivery.render import Writer
from models.reads.drafts import Draft, SenderProfile
from models.rules.enums import Channel
from provisioning.defaults import ASK, built_in

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
KEY = UUID("0196a1f0-1111-7abc-8def-0123456789ab")
LOCATION, ACCOUNT = UUID(int=2), UUID(int=3)
LINKS = Links("https://r.example.com", LinkSigner(("s" * 32,)))
REVIEW, UNSUBSCRIBE, OPENED = (make(KEY, NOW) for make in (LINKS.review, LINKS.unsubscribe, LINKS.opened))


def sender(**given: Any) -> SenderProfile:
    return SenderProfile(
        **{
            "location_name": "Bakery",
            "postal_address": "1 High Street",
            "name": "The Bakery",
            "email": "hello@bakery.example.com",
            "reply_to": None,
            "color": None,
            "logo": None,
        }
        | given
    )


def draft(**given: Any) -> Draft:
    """A message to Ann with short texts of a template."""
    values: dict[str, Any] = {
        "id": KEY,
        "account_id": ACCOUNT,
        "location_id": LOCATION,
        "step": 1,
        "channel": Channel.EMAIL,
        "recipient": "ann@example.org",
        "first_name": "Ann",
        "last_name": None,
        "employee": None,
        "service": None,
        "sender": sender(),
        "language": "en",
        "subject": "How was it?",
        "preheader": None,
        "text": "Hello {{ first_name }}: {{ review_url }}",
        "html": "<p>Hello {{ first_name }}</p>",
        "tracks_opens": True,
    }
    return Draft(**values | given)


def default_draft(language: str, key: str = ASK, **given: Any) -> Draft:
    """A message with a built-in template."""
    return draft(**({"language": language} | built_in(key, language).model_dump() | given))


def written(of: Draft, writer: Writer | None = None) -> EmailMessage:
    """The mail, parsed."""
    envelope = (writer or Writer(LINKS)).write(of, NOW)
    return message_from_bytes(envelope.message, policy=default)


def part(mail: EmailMessage, kind: str) -> str:
    """The text ("plain") or HTML ("html") of a mail."""
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")
