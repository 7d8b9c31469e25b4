"""Stores accepted invitations: customers, invitations, messages and events, with the allowance that they reserve."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.commands import allowance, day_quota, lanes, send_hours
from models.commands.activity import Event, Subject, record_events
from models.commands.allowance import CycleCount
from models.commands.day_quota import Counted
from models.commands.intake import Accepted, Intake
from models.connection import Db, execute, fetch, statement
from models.rules.enums import ActivityKind, Channel, InvitationState, MessageState
from models.rules.recipient_zone import zone_columns


async def store(tx: Db, intake: Intake, accepted: Sequence[Accepted], now: datetime) -> None:
    """Creates the invitations, in this order. The account is locked."""
    if not accepted:
        return
    await _reserve(tx, intake, accepted, now)
    moved = await _take_customers(tx, intake, accepted, now)
    await _add_invitations(tx, intake, accepted, now)
    await record_events(tx, [_invited(intake, one, now) for one in accepted])
    await send_hours.move_queued_of(tx, intake.location, moved, now)


async def _reserve(tx: Db, intake: Intake, accepted: Sequence[Accepted], now: datetime) -> None:
    await day_quota.count(tx, intake.terms, Counted.TAKEN_IN, len(accepted), now)
    cycles = Counter(one.cycle for one in accepted)
    place = (intake.terms.id, intake.location.id)
    await allowance.reserve(tx, [CycleCount(*place, cycle, number) for cycle, number in cycles.items()])


async def _take_customers(tx: Db, intake: Intake, accepted: Sequence[Accepted], now: datetime) -> list[UUID]:
    """Returns the customers whose zone has changed."""
    candidates = [one.judged.candidate for one in accepted]
    people = [candidate.person for candidate in candidates]
    zones = [zone_columns(one.judged.zone) for one in accepted]
    rows = await fetch(
        tx,
        statement("customers_take"),
        intake.terms.id,
        intake.location.id,
        intake.source,
        intake.import_name,
        now,
        [one.judged.customer_id for one in accepted],
        [one.judged.is_new for one in accepted],
        [one.judged.invitation_id for one in accepted],
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


def _invited(intake: Intake, one: Accepted, now: datetime) -> Event:
    subject = Subject(intake.terms.id, intake.location.id, one.judged.customer_id, one.judged.invitation_id)
    return Event(subject, ActivityKind.INVITED, intake.actor, now)


Message = tuple[UUID, UUID, UUID, int, str, int, int | None, datetime]
"""Invitation, lane, template, step, channel, seconds after the first step, minute of the day, due time."""


async def _add_invitations(tx: Db, intake: Intake, accepted: Sequence[Accepted], now: datetime) -> None:
    lane = await _lanes(tx, intake, accepted, now)
    messages = [message for one in accepted for message in _messages(one, lane)]
    await execute(
        tx,
        statement("invitations_add"),
        intake.terms.id,
        intake.location.id,
        intake.bulk_import_id,
        intake.import_name,
        intake.source,
        now,
        str(InvitationState.QUEUED),
        str(MessageState.SCHEDULED),
        [one.judged.invitation_id for one in accepted],
        [one.judged.customer_id for one in accepted],
        [",".join(one.judged.steps.channels) for one in accepted],
        [one.cycle for one in accepted],
        [one.judged.candidate.employee for one in accepted],
        [one.judged.candidate.service for one in accepted],
        *(list(column) for column in zip(*messages, strict=True)),
    )
    await lanes.wake(tx, [(message[1], message[7]) for message in messages])


async def _lanes(tx: Db, intake: Intake, accepted: Sequence[Accepted], now: datetime) -> dict[Channel, UUID]:
    place, used = intake.location.id, {channel for one in accepted for channel in one.judged.steps.channels}
    return {channel: await lanes.lane_for(tx, place, channel, now, intake.bulk_import_id) for channel in sorted(used)}


def _messages(one: Accepted, lane: dict[Channel, UUID]) -> list[Message]:
    steps = one.judged.steps
    return [
        (
            one.judged.invitation_id,
            lane[step.channel],
            step.template_id,
            step.number,
            str(step.channel),
            step.after_seconds,
            pace.minute,
            due,
        )
        for step, pace, due in zip(steps.steps, steps.paces, one.times, strict=True)
    ]
