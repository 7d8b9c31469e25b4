"""Stores accepted invitations: customers, invitations, messages and events, with the allowance that they reserve."""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.commands import allowance, day_quota, lanes, send_hours
from models.commands.activity import Event, Subject, record_events
from models.commands.allowance import CycleCount
from models.commands.day_quota import Counted
from models.commands.intake import Accepted, Intake
from models.connection import Db, add_rows, fetch, statement
from models.rules.enums import ActivityKind, Channel, InvitationState, MessageState
from models.rules.recipient_zone import zone_columns

Row = tuple[Any, ...]


async def store(tx: Db, intake: Intake, accepted: Sequence[Accepted], now: datetime) -> None:
    """Creates the invitations, in this order. The account is locked."""
    if not accepted:
        return
    await _reserve(tx, intake, accepted, now)
    lane = await _lanes(tx, intake, {channel for one in accepted for channel in one.judged.channels}, now)
    moved = await _fill_customers(tx, intake, [one for one in accepted if not one.judged.is_new], now)
    adding = asyncio.create_task(_add_customers(tx, intake, [one for one in accepted if one.judged.is_new], now))
    await asyncio.sleep(0)  # the database adds customers, which takes longest, while the other rows are made
    try:
        invitations, messages = _invitations(intake, accepted, now), _messages(intake, accepted, lane)
        events = [_invited(intake, one, now) for one in accepted]
    finally:
        await adding
    await add_rows(tx, "invitation", _INVITATION, invitations)
    await add_rows(tx, "message", _MESSAGE, messages)
    await lanes.wake(tx, [(row[_LANE], row[_DUE]) for row in messages])
    await record_events(tx, events)
    await send_hours.move_queued_of(tx, intake.location, moved, now)


async def _reserve(tx: Db, intake: Intake, accepted: Sequence[Accepted], now: datetime) -> None:
    await day_quota.count(tx, intake.terms, Counted.TAKEN_IN, len(accepted), now)
    cycles = Counter(one.cycle for one in accepted)
    place = (intake.terms.id, intake.location.id)
    await allowance.reserve(tx, [CycleCount(*place, cycle, number) for cycle, number in cycles.items()])


_CUSTOMER = (
    "id", "account_id", "location_id", "source", "import_name", "invited_on", "created_at", "latest_invitation_id", "first_name",
    "last_name", "email", "phone", "phone_national", "employee", "service", "time_zone", "zone_spread",
)  # fmt: skip


async def _add_customers(tx: Db, intake: Intake, new: Sequence[Accepted], now: datetime) -> None:
    fixed = (intake.terms.id, intake.location.id, intake.source, intake.import_name, now, now)
    rows = []
    for one in new:
        judged, given, who = one.judged, one.judged.candidate, one.judged.candidate.person
        zone, spread = zone_columns(judged.zone) if who.phone else (None, None)
        names = (who.first_name, who.last_name, who.email, who.phone, who.phone_national, given.employee, given.service)
        rows.append((judged.customer_id, *fixed, judged.invitation_id, *names, zone, spread))
    await add_rows(tx, "customer", _CUSTOMER, rows)


async def _fill_customers(tx: Db, intake: Intake, known: Sequence[Accepted], now: datetime) -> list[UUID]:
    """Returns the customers whose zone has changed."""
    if not known:
        return []
    candidates = [one.judged.candidate for one in known]
    people = [candidate.person for candidate in candidates]
    zones = [zone_columns(one.judged.zone) for one in known]
    rows = await fetch(
        tx,
        statement("customers_fill"),
        intake.source,
        intake.import_name,
        now,
        [one.judged.customer_id for one in known],
        [one.judged.invitation_id for one in known],
        [person.first_name for person in people],
        [person.last_name for person in people],
        [person.email for person in people],
        [person.phone for person in people],
        [person.phone_national for person in people],
        [candidate.employee for candidate in candidates],
        [candidate.service for candidate in candidates],
        [zone for zone, _ in zones],
        [spread for _, spread in zones],
    )
    return [row["id"] for row in rows]


_INVITATION = (
    "account_id", "location_id", "bulk_import_id", "import_name", "source", "taken_in_at", "invited_on", "state_changed_at",
    "state", "id", "customer_id", "channels", "reserved_cycle", "employee", "service",
)  # fmt: skip


def _invitations(intake: Intake, accepted: Sequence[Accepted], now: datetime) -> list[Row]:
    origin = (intake.bulk_import_id, intake.import_name, intake.source)
    fixed = (intake.terms.id, intake.location.id, *origin, now, now, now, str(InvitationState.QUEUED))
    rows = []
    for one in accepted:
        judged, given = one.judged, one.judged.candidate
        channels = sorted(str(channel) for channel in judged.channels)
        rows.append(
            (*fixed, judged.invitation_id, judged.customer_id, channels, one.cycle, given.employee, given.service)
        )
    return rows


_MESSAGE = (
    "account_id", "location_id", "state", "attempts", "invitation_id", "lane_id", "template_id", "step", "channel", "after_seconds",
    "at_minute", "due_at",
)  # fmt: skip


_LANE, _DUE = _MESSAGE.index("lane_id"), _MESSAGE.index("due_at")


def _messages(intake: Intake, accepted: Sequence[Accepted], lane: Mapping[Channel, UUID]) -> list[Row]:
    fixed = (intake.terms.id, intake.location.id, str(MessageState.SCHEDULED), 0)
    return [
        (*fixed, one.judged.invitation_id, lane[step.channel], step.template_id, step.number, str(step.channel),
         step.after_seconds, pace.minute, due)
        for one in accepted
        for (step, pace), due in zip(one.judged.steps, one.times, strict=True)
    ]  # fmt: skip


async def _lanes(tx: Db, intake: Intake, channels: Collection[Channel], now: datetime) -> dict[Channel, UUID]:
    place = intake.location.id
    return {
        channel: await lanes.lane_for(tx, place, channel, now, intake.bulk_import_id) for channel in sorted(channels)
    }


def _invited(intake: Intake, one: Accepted, now: datetime) -> Event:
    subject = Subject(intake.terms.id, intake.location.id, one.judged.customer_id, one.judged.invitation_id)
    return Event(subject, ActivityKind.INVITED, intake.actor, now)
