"""Invites one customer, after checking every rule that could prevent it.

`models/commands/invite_many.py` has the same rules as set-based statements, for lists.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from models.commands import allowance, day_quota, lanes, send_hours
from models.commands.activity import Actor, Event, Subject, record_events
from models.commands.allowance import AccountTerms, CycleCount
from models.commands.day_quota import Counted
from models.commands.suppress import suppressed
from models.connection import Db, execute, fetch_one, statement
from models.rules.enums import ActivityKind, Channel, InvitationState, MessageState
from models.rules.errors import (
    CANNOT_BE_INVITED,
    AllowanceExceeded,
    AlreadyActive,
    Elsewhere,
    Invalid,
    MissingContact,
    NotFound,
    RecentlyInvited,
    Suppressed,
)
from models.rules.lifecycle import OPEN
from models.rules.moment import BOUNDS, is_moment
from models.rules.recipient_zone import recipient_zone, zone_columns
from models.rules.sequence import Pace, RecipientZone, SendWindow, step_times
from models.tables.location import Location, SequenceStep

MANUAL_ENTRY = "Manual entry"
BULK_IMPORT = "Bulk import"
FURTHEST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Person:
    """Who to invite; addresses are already normalized (see `models/rules/email.py` and `phone.py`)."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    phone_national: str | None = None

    def address(self, channel: Channel) -> str | None:
        return self.email if channel is Channel.EMAIL else self.phone


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
    terms = await allowance.lock_one(tx, request.account_id)
    location = await _location(tx, request)
    if not request.channels:
        raise Invalid("Name at least one channel.", ["channels"])
    steps = await _usable_steps(tx, terms, request)
    await _refuse_history(tx, request, sorted({step.channel for step in steps}), location, now)
    zone = await _zone(tx, request, location, now)
    paces = paces_of(steps, is_timed=request.send_at is not None)
    times = _due_times(request, steps, paces, location.windows(zone), now)
    cycle = terms.cycle(times[0]).starts_on
    if await allowance.room(tx, terms, request.location_id, cycle, now) < 1:
        raise AllowanceExceeded(
            "The allowance of the billing cycle in which this invitation would be sent is used up.",
            ["locationId"],
        )
    await day_quota.spend(tx, terms, Counted.TAKEN_IN, now, "locationId")
    await allowance.reserve(tx, [CycleCount(request.account_id, request.location_id, cycle)])
    planned = [_Planned(step, pace.minute, due) for step, pace, due in zip(steps, paces, times, strict=True)]
    return await _store(tx, request, location, zone, planned, cycle, now)


async def _location(tx: Db, request: Request) -> Location:
    row = await Location.get_or_none(id=request.location_id, account_id=request.account_id, using_db=tx)
    if row is None:
        raise NotFound("No location has this id.", ["locationId"])
    return row


async def steps_of(tx: Db, location_id: UUID) -> list[SequenceStep]:
    """A location's sequence, in order."""
    return await SequenceStep.filter(location_id=location_id).using_db(tx).order_by("number")


async def _usable_steps(tx: Db, terms: AccountTerms, request: Request) -> list[SequenceStep]:
    """The steps on a requested channel with a known address that is not suppressed, as many as the plan includes."""
    steps = (await steps_of(tx, request.location_id))[: terms.facts.steps]
    reached = [step for step in steps if step.channel in request.channels and request.person.address(step.channel)]
    if not reached:
        raise MissingContact(_what_is_missing(request, {step.channel for step in steps}), _contact_field(request))
    addresses = [(channel, request.person.address(channel) or "") for channel in {step.channel for step in reached}]
    dead = await suppressed(tx, request.account_id, addresses)
    alive = [step for step in reached if step.channel not in dead]
    if not alive:
        raise Suppressed("This customer has opted out and can't be contacted.", _contact_field(request))
    return alive


def _what_is_missing(request: Request, in_sequence: set[Channel]) -> str:
    wanted = [channel for channel in request.channels if channel in in_sequence]
    if not wanted:
        return f"This location's sequence has no {' or '.join(request.channels)} step; choose another channel."
    names = {Channel.EMAIL: "an e-mail address", Channel.SMS: "a phone number"}
    return f"Give {' or '.join(names[channel] for channel in wanted)}, or choose another channel."


def _contact_field(request: Request) -> list[str]:
    return ["email"] if Channel.EMAIL in request.channels else ["phone"]


async def _refuse_history(tx: Db, request: Request, channels: list[Channel], location: Location, now: datetime) -> None:
    """Checks the invitations of the whole account to the addresses that would be contacted."""
    row = await fetch_one(
        tx,
        statement("invitations_of_person"),
        request.account_id,
        [str(channel) for channel in channels],
        [request.person.address(channel) for channel in channels],
        sorted(OPEN),
        request.location_id,
    )
    assert row is not None
    if row["open_at"]:
        words = "An open invitation to this address already exists; stop it, restart it or wait for it to end."
        raise AlreadyActive(words, _contact_field(request), elsewhere=Elsewhere(row["open_at"], CANNOT_BE_INVITED))
    last, cool_down = row["last_sent_at"], timedelta(days=location.cool_down_days)
    if last and cool_down and now < last + cool_down:
        words = f"This address was invited on {last.date()}; it can be invited again from {(last + cool_down).date()}."
        raise RecentlyInvited(
            words, _contact_field(request), elsewhere=Elsewhere(row["last_sent_at_location"], CANNOT_BE_INVITED)
        )


@dataclass(frozen=True, slots=True)
class _Planned:
    """A step with its due time, and the time of day that this follows."""

    step: SequenceStep
    minute: int | None
    due: datetime


_PHONE = "select phone from customer where account_id = $1 and location_id = $2 and email = $3 and phone is not null"


async def _zone(tx: Db, request: Request, location: Location, now: datetime) -> RecipientZone | None:
    """The zone of the phone that the customer has, or gets now."""
    known = await fetch_one(tx, _PHONE, request.account_id, request.location_id, request.person.email)
    phone = known["phone"] if known else request.person.phone
    return recipient_zone(phone, location.time_zone, now.year)


def paces_of(steps: list[SequenceStep], *, is_timed: bool) -> list[Pace]:
    """`is_timed`: whether something else than the sequence says when the first step is due, which counts before its time of day."""
    first = replace(steps[0].pace, minute=None) if is_timed else steps[0].pace
    return [first, *(step.pace for step in steps[1:])]


def _due_times(
    request: Request,
    steps: list[SequenceStep],
    paces: list[Pace],
    windows: dict[Channel, SendWindow],
    now: datetime,
) -> list[datetime]:
    start = max(request.send_at or now, now)
    if not is_moment(start) or not is_moment(request.send_at or now):
        raise Invalid(f"sendAt must be {BOUNDS}.", ["sendAt"])
    if start > now + FURTHEST:
        raise Invalid("sendAt must be within a year from now.", ["sendAt"])
    return step_times(start, paces, [windows[step.channel] for step in steps])


async def _store(
    tx: Db,
    request: Request,
    location: Location,
    zone: RecipientZone | None,
    planned: list[_Planned],
    cycle: object,
    now: datetime,
) -> UUID:
    customer_id, has_moved = await _customer(tx, request, zone, now)
    row = await fetch_one(
        tx,
        statement("invitation_add"),
        request.account_id,
        request.location_id,
        customer_id,
        str(InvitationState.QUEUED),
        sorted({str(one.step.channel) for one in planned}),
        now,
        cycle,
        request.source,
        request.employee,
        request.service,
    )
    assert row is not None
    invitation_id: UUID = row["id"]
    subject = Subject(request.account_id, request.location_id, customer_id, invitation_id)
    await record_events(tx, [Event(subject, ActivityKind.INVITED, request.actor, now)])
    if has_moved:
        await send_hours.move_queued_of(tx, location, [customer_id], now)
    await _add_messages(tx, request, invitation_id, planned, now)
    return invitation_id


async def _customer(tx: Db, request: Request, zone: RecipientZone | None, now: datetime) -> tuple[UUID, bool]:
    """Finds the customer by e-mail address, or by phone among customers without one, and fills in blanks; or creates the
    customer. An e-mail address is never overwritten. Returns the key, and whether the zone of an existing customer has
    changed."""
    person = request.person
    row = await fetch_one(
        tx,
        statement("customer_take"),
        request.account_id,
        request.location_id,
        person.first_name,
        person.last_name,
        person.email,
        person.phone,
        person.phone_national,
        request.source,
        now,
        *zone_columns(zone),
    )
    assert row is not None
    return row["id"], row["moved"]


async def _add_messages(tx: Db, request: Request, invitation_id: UUID, planned: list[_Planned], now: datetime) -> None:
    steps = [one.step for one in planned]
    by_channel = {step.channel: await lanes.lane_for(tx, request.location_id, step.channel, now) for step in steps}
    await execute(
        tx,
        statement("messages_add"),
        request.account_id,
        request.location_id,
        invitation_id,
        str(MessageState.SCHEDULED),
        [by_channel[step.channel] for step in steps],
        [step.template_id for step in steps],
        [step.number for step in steps],
        [str(step.channel) for step in steps],
        [step.after_seconds for step in steps],
        [one.minute for one in planned],
        [one.due for one in planned],
    )
    await lanes.wake(tx, [(by_channel[one.step.channel], one.due) for one in planned])
