"""All that is needed to write a message: what it says, to whom, and from whom."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from models.connection import Db, fetch_one
from models.rules.enums import Channel
from models.rules.names import split_full_name


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


@dataclass(frozen=True, slots=True)
class Sample:
    """The person a preview or test is filled in for."""

    name: str
    email: str
    employee: str | None = None
    service: str | None = None


_OF_STEP = f"""
-- What does this step ($2) of a location ($1) say?
select s.channel, s.number as step, t.id as template_id, t.account_id, t.location_id, {COLUMNS}
from sequence_step s join template t on t.id = s.template_id
join location l on l.id = s.location_id join account a on a.id = s.account_id
where s.location_id = $1 and s.number = $2
"""


async def of_step(db: Db, location_id: UUID, step: int, sample: Sample) -> tuple[UUID, Draft] | None:
    """The template of a location's step, and the step as written to a sample person; None if there is no such step."""
    row = await fetch_one(db, _OF_STEP, location_id, step)
    return (row["template_id"], sample_draft(row, row["template_id"], sample)) if row else None


def sample_draft(row: asyncpg.Record, key: UUID, sample: Sample) -> Draft:
    """The draft with this key for a sample person, whose opens are not tracked."""
    first_name, last_name = split_full_name(sample.name)
    fields = written(row) | {"tracks_opens": False}
    return Draft(
        id=key,
        account_id=row["account_id"],
        location_id=row["location_id"],
        step=row["step"],
        channel=Channel(row["channel"]),
        recipient=sample.email,
        first_name=first_name,
        last_name=last_name,
        employee=sample.employee,
        service=sample.service,
        **fields,
    )
