"""Stores accepted invitations: customers, invitations, messages and events, with the allowance that they reserve."""

from collections import Counter
from collections.abc import Collection, Sequence
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


async def _add_invitations(tx: Db, intake: Intake, accepted: Sequence[Accepted], now: datetime) -> None:
    steps = list(
        {(step.number, pace.minute): (step, pace) for one in accepted for step, pace in one.judged.steps}.values()
    )
    place = {(step.number, pace.minute): number for number, (step, pace) in enumerate(steps, 1)}
    lane = await _lanes(tx, intake, {step.channel for step, _ in steps}, now)
    messages = [
        (one.judged.invitation_id, step, place[step.number, pace.minute], due)
        for one in accepted
        for (step, pace), due in zip(one.judged.steps, one.times, strict=True)
    ]
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
        [",".join(sorted(one.judged.channels)) for one in accepted],
        [one.cycle for one in accepted],
        [one.judged.candidate.employee for one in accepted],
        [one.judged.candidate.service for one in accepted],
        [invitation for invitation, _, _, _ in messages],
        [number for _, _, number, _ in messages],
        [due for _, _, _, due in messages],
        [step.number for step, _ in steps],
        [lane[step.channel] for step, _ in steps],
        [step.template_id for step, _ in steps],
        [str(step.channel) for step, _ in steps],
        [step.after_seconds for step, _ in steps],
        [pace.minute for _, pace in steps],
    )
    await lanes.wake(tx, [(lane[step.channel], due) for _, step, _, due in messages])


async def _lanes(tx: Db, intake: Intake, channels: Collection[Channel], now: datetime) -> dict[Channel, UUID]:
    place = intake.location.id
    return {
        channel: await lanes.lane_for(tx, place, channel, now, intake.bulk_import_id) for channel in sorted(channels)
    }
