"""All that is needed to write a message: what it says, to whom, and from whom."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from models.rules.enums import Channel


@dataclass(frozen=True, slots=True)
class SenderProfile:
    """The sender that a location's messages show."""

    location_name: str
    postal_address: str
    name: str
    email: str
    reply_to: str | None
    color: str | None
    logo: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A template version with the person it is filled in for. `language` is the template's."""

    id: UUID
    account_id: UUID
    location_id: UUID
    step: int
    channel: Channel
    recipient: str
    first_name: str | None
    last_name: str | None
    employee: str | None
    service: str | None
    sender: SenderProfile
    language: str
    subject: str
    preheader: str | None
    text: str
    html: str
    tracks_opens: bool


COLUMNS = """l.name as location_name, l.postal_address, l.sender_name, l.sender_email, l.reply_to, l.color, l.logo,
  t.language, t.subject, t.preheader, t.text, t.html, a.open_tracking"""
"""The columns of a location l, its account a and a template t that `written` reads; `messages_claim.sql` has them too."""


def written(row: asyncpg.Record) -> dict[str, Any]:
    """The fields of a draft that come from COLUMNS."""
    return {
        "sender": SenderProfile(
            location_name=row["location_name"],
            postal_address=row["postal_address"] or "",
            name=row["sender_name"] or "",
            email=row["sender_email"] or "",
            reply_to=row["reply_to"],
            color=row["color"],
            logo=row["logo"],
        ),
        "language": row["language"],
        "subject": row["subject"],
        "preheader": row["preheader"],
        "text": row["text"],
        "html": row["html"],
        "tracks_opens": row["open_tracking"],
    }
