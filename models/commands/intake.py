"""Invites people: judges each by every rule that could prevent it, and creates the invitations of those that pass. One person and
a chunk of a list alike."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

import asyncpg

from models.commands import allowance, day_quota
from models.commands.activity import Actor
from models.commands.allowance import AccountTerms
from models.commands.day_quota import Counted
from models.connection import Db, fetch, statement
from models.rules.cycle import Cycle
from models.rules.eligibility import Known, Terms, usable_channels
from models.rules.enums import Channel
from models.rules.errors import AllowanceExceeded, Refusal
from models.rules.ids import uuid7
from models.rules.lifecycle import OPEN
from models.rules.recipient_zone import recipient_zone
from models.rules.sequence import Pace, RecipientZone, step_times
from models.tables.location import Location, SequenceStep


@dataclass(frozen=True, slots=True)
class Person:
    """Who to invite; addresses are already normalized (see `models/rules/email.py` and `phone.py`)."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    phone_national: str | None = None

    @property
    def addresses(self) -> list[tuple[Channel, str]]:
        given = ((Channel.EMAIL, self.email), (Channel.SMS, self.phone))
        return [(channel, address) for channel, address in given if address is not None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person to be invited, and what is stored with the invitation."""

    person: Person
    employee: str | None = None
    service: str | None = None


PacedStep = tuple[SequenceStep, Pace]
Times = tuple[list[datetime], Cycle]


@dataclass(frozen=True)
class Intake:
    """Where people are invited, by whom and how. The account is locked. `steps`: those of the location that the plan includes;
    `channels`: those that were asked for; `is_timed`: whether something else than the sequence says when the first step is due,
    which counts before its time of day."""

    terms: AccountTerms
    location: Location
    steps: Sequence[SequenceStep]
    channels: Sequence[Channel]
    actor: Actor
    source: str
    is_timed: bool = False
    bulk_import_id: UUID | None = None
    import_name: str | None = None
    _paced: dict[frozenset[Channel], list[PacedStep]] = field(default_factory=dict)
    _times: dict[tuple[datetime, RecipientZone | None, frozenset[Channel]], Times] = field(default_factory=dict)

    @cached_property
    def demands(self) -> Terms:
        sequence = {step.channel for step in self.steps}
        return Terms(self.location.id, sequence, self.channels, timedelta(days=self.location.cool_down_days))

    @cached_property
    def reached(self) -> frozenset[Channel]:
        """The channels that were asked for and that a step uses."""
        return frozenset(self.channels) & {step.channel for step in self.steps}

    def paced(self, channels: Collection[Channel]) -> list[PacedStep]:
        """The steps on these channels, and when each is due."""
        key = frozenset(channels)
        if key not in self._paced:
            steps = [step for step in self.steps if step.channel in channels]
            timed = [replace(step.pace, minute=None) for step in steps[: self.is_timed]]
            self._paced[key] = list(zip(steps, [*timed, *(step.pace for step in steps[len(timed) :])], strict=True))
        return self._paced[key]

    def times(self, start: datetime, one: "Judged") -> Times:
        """When the steps are due, and the cycle of the first; computed once for all who begin at the same time in the same zone."""
        key = (start, one.zone, one.channels)
        if key not in self._times:
            windows = self.location.windows(one.zone)
            paces = [pace for _, pace in one.steps]
            due = step_times(start, paces, [windows[step.channel] for step, _ in one.steps])
            self._times[key] = due, self.terms.cycle(due[0])
        return self._times[key]


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate who can be invited: the keys of the invitation and of the customer, who may be new, and the zone of the phone
    that they then have."""

    candidate: Candidate
    invitation_id: UUID
    customer_id: UUID
    is_new: bool
    channels: frozenset[Channel]
    steps: Sequence[PacedStep]
    zone: RecipientZone | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A judged candidate with the due times of the steps, and the cycle in which allowance is reserved."""

    judged: Judged
    times: Sequence[datetime]
    cycle: date


Book = Mapping[tuple[Channel, str], asyncpg.Record]
"""What is known of addresses."""


async def judge(tx: Db, intake: Intake, candidates: Sequence[Candidate], now: datetime) -> list[Judged | Refusal]:
    """Whether each candidate can be invited, as far as addresses and their history decide. No two of them are the same person."""
    people = [candidate.person for candidate in candidates]
    rows = await fetch(
        tx,
        statement("addresses_known"),
        [person.email for person in people if person.email],
        list({person.phone for person in people if person.phone}),
        intake.terms.id,
        intake.location.id,
        [str(channel) for channel in intake.reached],
        sorted(OPEN),
    )
    book = {(Channel(row["channel"]), row["address"]): row for row in rows}
    keys = [sorted(uuid7() for _ in candidates) for _ in range(2)]  # in the order of the candidates
    taken: set[UUID] = set()
    return [_judged(intake, one, book, taken, made, now) for one, *made in zip(candidates, *keys, strict=True)]


def _judged(
    intake: Intake, candidate: Candidate, book: Book, taken: set[UUID], made: Sequence[UUID], now: datetime
) -> Judged | Refusal:
    """`taken`: customers found by phone who get the address of an earlier one. `made`: keys for an invitation and a customer."""
    rows = {channel: book[channel, address] for channel, address in candidate.person.addresses}
    try:
        channels = usable_channels(intake.demands, {channel: _known(row) for channel, row in rows.items()}, now)
    except Refusal as refusal:
        return refusal
    customer_id = _customer(rows, taken)
    by_email = rows.get(Channel.EMAIL)
    phone = (by_email["phone"] if by_email else None) or candidate.person.phone
    zone = recipient_zone(phone, intake.location.time_zone, now.year)
    customer = (customer_id or made[1], customer_id is None)
    return Judged(candidate, made[0], *customer, channels, intake.paced(channels), zone)


def _known(row: asyncpg.Record) -> Known:
    return Known(row["is_suppressed"], row["open_at"], row["sent_at"], row["sent_from"])


def _customer(rows: Mapping[Channel, asyncpg.Record], taken: set[UUID]) -> UUID | None:
    """By e-mail address, or else by phone among customers without one; of several people with the phone, only the first."""
    found: dict[Channel, UUID | None] = {channel: row["customer_id"] for channel, row in rows.items()}
    if by_email := found.get(Channel.EMAIL):
        return by_email
    by_phone = found.get(Channel.SMS)
    if by_phone is None or by_phone in taken:
        return None
    taken.add(by_phone)
    return by_phone


class Rooms:
    """How many more invitations there is room for: in the allowance of each billing cycle, and today."""

    def __init__(self, tx: Db, intake: Intake, now: datetime, planned: Mapping[str, int]) -> None:
        """`planned`: what a dry run has counted so far, by the first day of the cycle."""
        self._tx, self._intake, self._now, self._planned = tx, intake, now, planned
        self._left: dict[date, int] = {}
        self._today: int | None = None

    async def take(self, cycle: Cycle) -> AllowanceExceeded | None:
        """Takes a place; or says why there is none, and when there will be."""
        terms, starts_on = self._intake.terms, cycle.starts_on
        if await self._left_in(starts_on) < 1:
            return AllowanceExceeded(_used_up(cycle), ["locationId"])
        if await self._left_today() < 1:
            return AllowanceExceeded(day_quota.refusal(terms, Counted.TAKEN_IN, self._now), ["locationId"])
        self._left[starts_on] -= 1
        self._today = await self._left_today() - 1
        return None

    async def _left_in(self, cycle: date) -> int:
        if cycle not in self._left:
            place = (self._intake.terms, self._intake.location.id, cycle)
            room = await allowance.room(self._tx, *place, self._now)
            self._left[cycle] = room - self._planned.get(cycle.isoformat(), 0)
        return self._left[cycle]

    async def _left_today(self) -> int:
        if self._today is None:
            room = await day_quota.room(self._tx, self._intake.terms, Counted.TAKEN_IN, self._now)
            self._today = room - sum(self._planned.values())
        return self._today


def _used_up(cycle: Cycle) -> str:
    return (
        "The allowance of the billing cycle in which this invitation would be sent is used up; "
        f"try again after it resets on {cycle.resets_on}."
    )


async def allot(
    rooms: Rooms, intake: Intake, judged: Iterable[Judged | Refusal], starts: Iterator[datetime]
) -> tuple[list[Accepted | Refusal], datetime]:
    """Gives places, in order, to those who can be invited. Only who gets one uses up a start. Returns the next start too."""
    given: list[Accepted | Refusal] = []
    start = next(starts)
    for one in judged:
        if isinstance(one, Refusal):
            given.append(one)
            continue
        times, cycle = intake.times(start, one)
        refusal = await rooms.take(cycle)
        given.append(refusal or Accepted(one, times, cycle.starts_on))
        start = start if refusal else next(starts)
    return given, start
