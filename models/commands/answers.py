"""Records what customers do: open, click, give a score, choose a platform, write a note, unsubscribe."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from models.commands import allowance, funnel_marks, goals, moves, outcomes, verdicts
from models.commands.activity import HUMAN, Actor, Event, Subject, record_events
from models.commands.suppress import suppress
from models.connection import Db, execute, fetch_one, statement
from models.rules.enums import ActivityKind, ActorKind, Channel, Goal, MessageState, SuppressionReason
from models.rules.quota import OF_A_MESSAGE, UNDOS_OF_AN_ADDRESS
from models.tables.activity_event import ActivityEvent
from models.tables.customer import Customer
from models.tables.location import ReviewPlatform
from models.tables.message import Message

SAME_VISIT = timedelta(minutes=10)
"""Within this time, opens of a message by the same kind of actor are recorded once; so are clicks."""
LONGEST_NOTE = 5000


@dataclass(frozen=True, slots=True)
class Invited:
    """What the pages need about a message and its answers so far. `language` is the location's; `address` is where the message
    went. `unsubscribed_here_at`: when its link suppressed the address, if it did."""

    message_id: UUID
    channel: Channel
    address: str
    location_name: str
    location_color: str | None
    location_logo: str | None
    language: str
    first_name: str | None
    sent_at: datetime | None
    nps_score: int | None
    platforms: Sequence[ReviewPlatform]
    unsubscribed: bool
    unsubscribed_here_at: datetime | None


async def invited(db: Db, message_id: UUID) -> Invited | None:
    """None if the message no longer exists."""
    row = await fetch_one(db, statement("invited_person"), message_id, UNDOS_OF_AN_ADDRESS)
    if row is None:
        return None
    offered = ReviewPlatform.filter(location_id=row["location_id"], offered=True)
    platforms = await offered.using_db(db).order_by("position", "id")
    return Invited(
        message_id=message_id,
        channel=Channel(row["channel"]),
        address=row["address"],
        location_name=row["location_name"],
        location_color=row["location_color"],
        location_logo=row["location_logo"],
        language=row["language"],
        first_name=row["first_name"],
        sent_at=row["sent_at"],
        nps_score=row["nps_score"],
        platforms=platforms,
        unsubscribed=row["unsubscribed"],
        unsubscribed_here_at=row["unsubscribed_here_at"],
    )


@dataclass(slots=True)
class _Answer:
    """A message and its invitation, locked."""

    message: Message
    row: moves.Locked

    def event(self, kind: ActivityKind, now: datetime, **details: Any) -> Event:
        """An event by a human on this message; `details` are further fields of Event."""
        return Event(self.row.subject, kind, HUMAN, now, self.message.id, self.message.channel, **details)


async def _answer(tx: Db, message_id: UUID) -> _Answer:
    """For submissions on its pages, which prove that the message was sent. Raises LookupError if it no longer exists."""
    await outcomes.confirm_sent(tx, message_id)
    message = await Message.get_or_none(id=message_id, using_db=tx)
    if message is None:
        raise LookupError("there is no such message")
    rows = await moves.locked(tx, [message.invitation_id])
    return _Answer(message, rows[message.invitation_id])


class TooManyAnswersError(Exception):
    """The message has reached its limit of answers of this kind; nothing is stored."""


_FULL = """
-- Has this message reached its limit ($4) of events of this kind by this kind of actor ($1 message, $2 kind, $3 actor)? Those that
-- turned out to be a scanner's count a quarter.
select coalesce(sum(case when v.actor_kind = 'LIKELY_MACHINE' and $3 <> 'LIKELY_MACHINE' then 0.25 else 1 end), 0) >= $4 as yes
from activity_event e left join event_verdict v on v.event_id = e.id
where e.message_id = $1 and e.kind = $2 and e.actor_kind = $3
"""


async def _is_full(tx: Db, message_id: UUID, kind: ActivityKind, actor: ActorKind = ActorKind.HUMAN) -> bool:
    """Whether the message has reached its limit of events of this kind. The account must be locked."""
    row = await fetch_one(tx, _FULL, message_id, str(kind), str(actor), OF_A_MESSAGE[kind])
    return row is not None and bool(row["yes"])


async def _is_repeated(tx: Db, message_id: UUID, kind: ActivityKind, now: datetime, **answer: object) -> bool:
    """Whether the latest event of this kind in this visit is the same answer, as after a double tap."""
    events = ActivityEvent.filter(message_id=message_id, kind=kind, occurred_at__gt=now - SAME_VISIT).using_db(tx)
    latest = await events.order_by("-occurred_at", "-id").first()
    return latest is not None and all(getattr(latest, name) == value for name, value in answer.items())


async def opened(tx: Db, message_id: UUID, kind: ActorKind, now: datetime) -> None:
    """Records that the tracking pixel was fetched. Never ends a sequence."""
    await _seen(tx, message_id, ActivityKind.OPENED, kind, now)


async def clicked(tx: Db, message_id: UUID, kind: ActorKind, now: datetime) -> None:
    """Records that the page was fetched: by LIKELY_MACHINE, or by UNKNOWN until something is submitted there."""
    await _seen(tx, message_id, ActivityKind.LINK_CLICKED, kind, now)


async def _seen(tx: Db, message_id: UUID, kind: ActivityKind, actor: ActorKind, now: datetime) -> None:
    """Locks only the account, unless this proves that the message was sent."""
    row = await _place(tx, message_id)
    await allowance.lock_one(tx, row["account_id"])
    seen = await fetch_one(tx, _SEEN, message_id, str(kind), str(actor), now - SAME_VISIT)
    if seen is not None or await _is_full(tx, message_id, kind, actor):
        return
    subject = Subject(row["account_id"], row["location_id"], row["customer_id"], row["invitation_id"])
    await record_events(tx, [Event(subject, kind, Actor(actor), now, message_id, Channel(row["channel"]))])
    if actor is not ActorKind.LIKELY_MACHINE:
        opened = kind is ActivityKind.OPENED
        reached = funnel_marks.Reached(row["invitation_id"], opened=opened or None, clicked=not opened or None)
        await funnel_marks.reach(tx, [reached])
    await verdicts.judge_at_once(tx, message_id, row["invitation_id"], now)


async def _place(tx: Db, message_id: UUID) -> asyncpg.Record:
    """What the message belongs to. Whoever requests one of its links, has received it. Raises LookupError."""
    row = await fetch_one(tx, statement("message_place"), message_id)
    if row is None:
        raise LookupError("there is no such message")
    if row["state"] not in (MessageState.SENT, MessageState.DELIVERED, MessageState.SENDING):
        await outcomes.confirm_sent(tx, message_id)
    return row


_SEEN = """
-- Is an event of this kind by this kind of actor, as far as known now, on record ($1 message, $2 kind, $3 actor, $4 since)?
select 1 from activity_event e left join event_verdict v on v.event_id = e.id
where e.message_id = $1 and e.kind = $2 and e.occurred_at > $4
  and (v.actor_kind = $3 or (e.actor_kind = $3 and v.actor_kind is distinct from 'LIKELY_MACHINE')) limit 1
"""
_UNSUBSCRIBE_SEEN = "update message set unsubscribe_seen_at = $2 where id = $1"


async def unsubscribe_seen(tx: Db, message_id: UUID, now: datetime) -> None:
    """Records that the unsubscribe page was requested, which only tells scanners; they request the review page with it."""
    row = await _place(tx, message_id)
    await allowance.lock_one(tx, row["account_id"])
    await execute(tx, _UNSUBSCRIBE_SEEN, message_id, now)
    await verdicts.judge_at_once(tx, message_id, row["invitation_id"], now)


async def score(tx: Db, message_id: UUID, nps_score: int, now: datetime) -> None:
    """Records a score from 0 to 10, which becomes the customer's. Raises TooManyAnswersError."""
    if not 0 <= nps_score <= 10:
        raise ValueError("a score is a number from 0 to 10")
    answer = await _answer(tx, message_id)
    if await _is_repeated(tx, message_id, ActivityKind.NPS_SUBMITTED, now, nps_score=nps_score):
        return
    if await _is_full(tx, message_id, ActivityKind.NPS_SUBMITTED):
        raise TooManyAnswersError
    await record_events(tx, [answer.event(ActivityKind.NPS_SUBMITTED, now, nps_score=nps_score)])
    await Customer.filter(id=answer.row.customer_id).using_db(tx).update(nps_score=nps_score)
    await _by_human(tx, answer, Goal.NPS_GIVEN, now)
    await funnel_marks.reach(tx, [funnel_marks.Reached(answer.row.id, clicked=True, nps_score=nps_score)])


async def choose(tx: Db, message_id: UUID, platform_key: str, now: datetime) -> str | None:
    """Records the choice of a platform, up to the message's limit. Returns the location's URL there, even beyond the limit,
    since it is public; None if the location does not offer this platform."""
    answer = await _answer(tx, message_id)
    offered = await ReviewPlatform.filter(location_id=answer.row.location_id, offered=True).using_db(tx)
    platform = next((one for one in offered if one.key == platform_key), None)
    if platform is None:
        return None
    if await _is_full(tx, message_id, ActivityKind.PLATFORM_CHOSEN):
        return platform.url
    await record_events(tx, [answer.event(ActivityKind.PLATFORM_CHOSEN, now, platform_id=platform.id)])
    await _by_human(tx, answer, Goal.PLATFORM_CHOSEN, now)
    await funnel_marks.reach(tx, [funnel_marks.Reached(answer.row.id, clicked=True, platform_chosen=True)])
    return platform.url


async def note(tx: Db, message_id: UUID, text: str, now: datetime) -> None:
    """Records a private note to the business. Raises TooManyAnswersError."""
    answer = await _answer(tx, message_id)
    feedback = text.replace("\x00", "").strip()[:LONGEST_NOTE]
    if await _is_repeated(tx, message_id, ActivityKind.FEEDBACK_SUBMITTED, now, feedback=feedback):
        return
    if await _is_full(tx, message_id, ActivityKind.FEEDBACK_SUBMITTED):
        raise TooManyAnswersError
    if feedback:
        await record_events(tx, [answer.event(ActivityKind.FEEDBACK_SUBMITTED, now, feedback=feedback)])
    await _by_human(tx, answer, None, now)
    await funnel_marks.reach(tx, [funnel_marks.Reached(answer.row.id, clicked=True)])


async def unsubscribe(tx: Db, message_id: UUID, now: datetime) -> None:
    """Suppresses the address this message was sent to; recorded once on the invitation's timeline."""
    answer = await _answer(tx, message_id)
    channel = answer.message.channel
    address = answer.message.recipient or answer.row.address(channel) or ""
    await suppress(
        tx,
        answer.row.account_id,
        [(channel, address)],
        SuppressionReason.UNSUBSCRIBED,
        HUMAN,
        now,
        message_id=message_id,
    )
    recorded = ActivityEvent.filter(invitation_id=answer.row.id, kind=ActivityKind.UNSUBSCRIBED)
    if not await recorded.using_db(tx).exists():
        await record_events(tx, [answer.event(ActivityKind.UNSUBSCRIBED, now)])


async def _by_human(tx: Db, answer: _Answer, goal: Goal | None, now: datetime) -> None:
    """Marks the message as used by a human, since something was submitted on its page, and meets the goals."""
    await verdicts.prove_click(tx, answer.message.id, answer.message.human_at, now)
    await execute(tx, "update message set human_at = greatest(human_at, $2) where id = $1", answer.message.id, now)
    for met in (goal, Goal.LINK_CLICKED):
        if met is not None:
            await goals.meet(tx, answer.row, met, now)
