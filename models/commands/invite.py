"""Invites one customer, by the same rules as a list (see `models/commands/intake.py`)."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.commands import allowance, intake_rows
from models.commands.activity import Actor
from models.commands.intake import Candidate, Intake, Person, Rooms, allot, judge
from models.commands.sequences import planned_steps
from models.connection import Db
from models.rules.channels import named_channels
from models.rules.enums import Channel
from models.rules.errors import Invalid, NotFound, Refusal
from models.rules.moment import BOUNDS, is_moment
from models.tables.location import Location

MANUAL_ENTRY = "Manual entry"
FURTHEST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Request:
    """An invitation to create. `send_at` None: as soon as the send window opens."""

    account_id: UUID
    location_id: UUID
    person: Person
    channels: Sequence[Channel]
    actor: Actor
    employee: str | None = None
    service: str | None = None
    source: str = MANUAL_ENTRY
    send_at: datetime | None = None


async def invite(tx: Db, request: Request, now: datetime) -> UUID:
    """Creates an invitation and returns its key. Raises a Refusal if the customer can't be invited now."""
    intake = await _intake(tx, request)
    candidate = Candidate(request.person, request.employee, request.service)
    judged = await judge(tx, intake, [candidate], now)
    starts = itertools.repeat(_start(request, now))
    (given,), _ = await allot(Rooms(tx, intake, now, {}), intake, judged, starts)
    if isinstance(given, Refusal):
        raise given
    await intake_rows.store(tx, intake, [given], now)
    return given.judged.invitation_id


async def _intake(tx: Db, request: Request) -> Intake:
    terms = await allowance.lock_one(tx, request.account_id)
    location = await Location.get_or_none(id=request.location_id, account_id=request.account_id, using_db=tx)
    if location is None:
        raise NotFound("No location has this id.", ["locationId"])
    return Intake(
        terms=terms,
        location=location,
        steps=await planned_steps(tx, location.id, terms.facts),
        channels=named_channels(request.channels),
        actor=request.actor,
        source=request.source,
        is_timed=request.send_at is not None,
    )


def _start(request: Request, now: datetime) -> datetime:
    start = max(request.send_at or now, now)
    if not is_moment(start) or not is_moment(request.send_at or now):
        raise Invalid(f"sendAt must be {BOUNDS}.", ["sendAt"])
    if start > now + FURTHEST:
        raise Invalid("sendAt must be within a year from now.", ["sendAt"])
    return start
