"""Records what became of handed-over messages: message, event, allowance and next step, one transaction per batch."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

import asyncpg

from models.clock import clock
from models.commands import allowance, breakers, funnel_marks, import_progress, lanes, moves
from models.commands.activity import SYSTEM, Actor, Event, record_events
from models.commands.allowance import CycleCount
from models.commands.breakers import Trouble
from models.connection import Db, execute, fetch, statement
from models.rules.enums import ActivityKind, Channel, FailureReason, HoldReason, InvitationState, MessageState
from models.rules.lifecycle import GOING, OPEN, Move, message_sources
from models.rules.privacy import without_addresses
from models.rules.sequence import Queued, after_late
from models.tables.message import Message

GIVE_UP_AFTER = timedelta(hours=24)
_DELAYS = [timedelta(minutes=minutes) for minutes in (5, 15, 45, 120, 240)]
_LATE = timedelta(minutes=5)
_NOT_SENT = "NOT_SENT"
"""Why a message is deferred that a member settled as not sent."""
_Due = tuple[UUID, datetime]
"""A lane, and when its next message is due."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a stamped message: SENT, DEFERRED, FAILED or UNKNOWN. SCHEDULED: it was not sent, because the relay was
    unreachable or accepts no message of its sender. `held_back`: its lane waits. `ours`: the cause lies with the business, the
    relay or Plaudit, so that a message deferred for too long is held instead of failing. With `worker`, it counts only while this
    worker holds the message, or nobody knows what became of it. `due`: when a SCHEDULED message is due, if not as before."""

    message_id: UUID
    state: MessageState
    at: datetime
    reply: str | None = None
    held_back: bool = False
    ours: bool = False
    worker: UUID | None = None
    due: datetime | None = None
    actor: Actor = SYSTEM


@dataclass(slots=True)
class Settled:
    """An outcome with its message and its invitation."""

    outcome: Outcome
    message: asyncpg.Record
    row: moves.Locked
    state: MessageState
    due_at: datetime | None = None
    overdue: bool = False


_MESSAGES = """
select m.*, la.refusals > 0 as was_refused from message m join lane la on la.id = m.lane_id
where m.id = any($1::uuid[]) order by m.id for update of m
"""


@dataclass(frozen=True, slots=True)
class Rest:
    """What remains to be done after outcomes were recorded: it locks lanes, which comes last in a transaction."""

    settled: Sequence[Settled]
    following: Sequence[_Due]


async def settle(tx: Db, outcomes: Sequence[Outcome]) -> None:
    """Records outcomes. One that was recorded before, or does not fit the message's state, changes nothing."""
    await finish(tx, await begin(tx, outcomes))


async def begin(tx: Db, outcomes: Sequence[Outcome]) -> Rest:
    """Records outcomes, except what `finish` does."""
    if not outcomes:
        return Rest([], [])
    by_id = {outcome.message_id: replace(outcome, reply=_storable(outcome.reply)) for outcome in outcomes}
    rows = await moves.locked_of(tx, list(by_id))
    messages = await fetch(tx, _MESSAGES, list(by_id))
    settled = [
        _decide(by_id[message["id"]], message, rows[message["invitation_id"]])
        for message in messages
        if _fits(by_id[message["id"]], message)
    ]
    await _write(tx, settled)
    following = await _sent(tx, [one for one in settled if one.state is MessageState.SENT])
    await _sent_again(tx, [one for one in settled if one.outcome.due and one.state is MessageState.SCHEDULED])
    await _deferred(tx, [one for one in settled if one.state is MessageState.DEFERRED or one.outcome.held_back])
    for one in settled:
        if one.state is MessageState.FAILED:
            await _failed(tx, one)
    for one in settled:
        if one.overdue and one.row.state in GOING:
            await moves.hold(tx, [one.row], HoldReason.OVERDUE, one.outcome.at)
    await moves.begin_answer_window(tx, [one.row for one in settled if one.state is MessageState.UNKNOWN])
    # Whoever was stopped while the message was handed over kept the reservation until now.
    await moves.release_reservations(tx, [row for row in rows.values() if row.state not in GOING and not row.sent])
    return Rest(settled, following)


async def finish(tx: Db, rest: Rest) -> None:
    if not rest.settled:
        return
    await _lanes(tx, rest.settled, rest.following)
    await breakers.count(tx, _bounces(rest.settled))


def _bounces(settled: Sequence[Settled]) -> list[Trouble]:
    """E-mails whose recipient the relay rejects for good, by location."""
    failed = [one for one in settled if one.outcome.state is MessageState.FAILED and one.message["channel"] == "EMAIL"]
    numbers = Counter(one.row.location_id for one in failed)
    last = {one.row.location_id: one for one in failed}
    return [
        Trouble(last[location].row.terms, location, last[location].outcome.at, bounced=number)
        for location, number in numbers.items()
    ]


def _fits(outcome: Outcome, message: asyncpg.Record) -> bool:
    holds = outcome.worker in (None, message["worker"]) or message["state"] == MessageState.UNKNOWN
    return holds and message["state"] in message_sources(outcome.state)


async def _lanes(tx: Db, settled: Sequence[Settled], following: Sequence[_Due]) -> None:
    accepted = [one for one in settled if one.state is MessageState.SENT and one.message["was_refused"]]
    await lanes.clear_refusals(tx, [one.message["lane_id"] for one in accepted])
    await lanes.wake(tx, [*following, *_tried_again(settled)])
    held_back = [one for one in settled if one.outcome.held_back]
    if held_back:
        replies = {
            one.message["lane_id"]: one.outcome.reply and without_addresses(one.outcome.reply) for one in held_back
        }
        await lanes.hold_back(tx, replies, held_back[0].outcome.at)


def _storable(reply: str | None) -> str | None:
    """Replaces bytes that are not text: a relay can reply anything, and the outcome must be stored all the same."""
    return reply and reply.encode("utf-8", "replace").decode().replace("\x00", "")


def _decide(outcome: Outcome, message: asyncpg.Record, row: moves.Locked) -> Settled:
    """The message's next state: a temporary refusal fails after a day, and what returns to a stopped invitation is
    paused."""
    state, due, overdue = outcome.state, None, False
    if state is MessageState.DEFERRED:
        due = outcome.at + _DELAYS[min(message["attempts"], len(_DELAYS)) - 1]
        if outcome.at - (message["deferred_since"] or outcome.at) >= GIVE_UP_AFTER:
            overdue = outcome.ours
            state = state if overdue else MessageState.FAILED
    elif state is MessageState.SCHEDULED:
        due = outcome.due or message["due_at"]
    elif state is MessageState.UNKNOWN:
        due = outcome.at  # when it may have gone: its answer window begins there, and evidence charges that day
    if state in (MessageState.DEFERRED, MessageState.SCHEDULED) and row.state not in GOING:
        state = MessageState.PAUSED if row.state in OPEN else MessageState.CANCELLED
    return Settled(outcome, message, row, state, due, overdue)


async def _write(tx: Db, settled: Sequence[Settled]) -> None:
    await execute(
        tx,
        statement("messages_settle"),
        [one.message["id"] for one in settled],
        [str(one.state) for one in settled],
        [one.outcome.at for one in settled],
        [one.due_at for one in settled],
        [one.outcome.reply for one in settled],
        [one.outcome.state is not MessageState.SCHEDULED for one in settled],
    )


def _event(one: Settled, kind: ActivityKind, reason: str | None = None) -> Event:
    message, channel = one.message["id"], Channel(one.message["channel"])
    return Event(one.row.subject, kind, one.outcome.actor, one.outcome.at, message, channel, reason=reason)


async def _sent(tx: Db, settled: Sequence[Settled]) -> list[_Due]:
    """Records sent messages. Returns when their next steps are due."""
    if not settled:
        return []
    await record_events(tx, [_event(one, ActivityKind.SENT) for one in settled])
    first = [one for one in settled if not one.row.sent]
    await _first_sent(tx, first)
    await _delay_later_steps(tx, {one.row.id: one for one in settled if one.outcome.at - _was_due(one) > _LATE})
    rows = await fetch(
        tx,
        statement("invitations_after_sending"),
        [one.row.id for one in settled],
        [one.message["step"] for one in settled],
        [one.outcome.at for one in settled],
    )
    return [(row["lane_id"], row["due_at"]) for row in rows]


async def _delay_later_steps(tx: Db, late: dict[UUID, Settled]) -> None:
    """Keeps the distance to a step that was sent late, since delays count from the sending."""
    if not late:
        return
    steps = [one.message["step"] for one in late.values()]
    rows = await fetch(tx, statement("messages_after_late"), list(late), steps)
    times: list[datetime] = []
    for key, messages in groupby(rows, key=lambda row: row["invitation_id"]):
        times += _after_late(late[key], list(messages))
    await moves.set_due(tx, [row["id"] for row in rows], times)


async def _sent_again(tx: Db, settled: Sequence[Settled]) -> None:
    """Records that a member wants messages to be sent again."""
    await record_events(tx, [_event(one, ActivityKind.DEFERRED, _NOT_SENT) for one in settled])
    await _delay_later_steps(tx, {one.row.id: one for one in settled})


def _was_due(one: Settled) -> datetime:
    """When the message was due before it was deferred, if it was."""
    due: datetime = one.message["deferred_since"] or one.message["due_at"]
    return due


def _after_late(one: Settled, messages: Sequence[asyncpg.Record]) -> list[datetime]:
    sent = Queued(_was_due(one), moves.pace_of(one.message))
    queued = [Queued(message["due_at"], moves.pace_of(message)) for message in messages]
    return after_late(one.outcome.at, sent, queued, [one.row.windows[Channel(row["channel"])] for row in messages])


async def _first_sent(tx: Db, settled: Sequence[Settled]) -> None:
    """Charges the allowance, once per invitation, in the cycle of the sending."""
    if not settled:
        return
    held = [one.row for one in settled if one.row.reserved_cycle is not None]
    await allowance.charge(tx, [_charge(one) for one in settled], [moves.reservation(row) for row in held])
    await execute(
        tx, statement("invitations_first_sent"), [one.row.id for one in settled], [one.outcome.at for one in settled]
    )
    for one in settled:
        one.row.first_sent_at, one.row.reserved_cycle = one.outcome.at, None
    if queued := [one for one in settled if one.row.state is InvitationState.QUEUED]:
        latest = max(one.outcome.at for one in queued)  # they differ by the duration of a transaction
        await moves.move(tx, [one.row for one in queued], Move.FIRST_SENT, None, latest)
    await import_progress.count_sent(tx, [one.row.bulk_import_id for one in settled if one.row.bulk_import_id])
    await funnel_marks.reach(tx, [_first_day(one) for one in settled])


def _first_day(one: Settled) -> funnel_marks.Reached:
    return funnel_marks.Reached(one.row.id, day=funnel_marks.day_of(one.outcome.at, one.row.terms.time_zone))


def _charge(one: Settled) -> CycleCount:
    return CycleCount(one.row.account_id, one.row.location_id, one.row.terms.cycle(one.outcome.at).starts_on)


async def _deferred(tx: Db, settled: Sequence[Settled]) -> None:
    """Records a deferral once per message, not per attempt; of a refused sender, whenever the relay's reply changes."""
    first = [one for one in settled if (_is_news(one) if one.outcome.held_back else not one.message["deferred_since"])]
    await record_events(tx, [_event(one, ActivityKind.DEFERRED, one.outcome.reply) for one in first])


def _is_news(one: Settled) -> bool:
    before, now = one.message["reply"] or "", one.outcome.reply or ""
    return before[:3] != now[:3]


async def _failed(tx: Db, one: Settled) -> None:
    """Ends the channel for this person. The invitation fails if it has no other."""
    await record_events(tx, [_event(one, ActivityKind.FAILED, one.outcome.reply)])
    dead = Channel(one.message["channel"])
    await moves.end_messages(tx, [one.row], MessageState.SKIPPED, [dead])
    given_up = one.outcome.state is MessageState.DEFERRED
    reason = FailureReason.RETRIES_EXHAUSTED if given_up else FailureReason.NO_USABLE_CHANNEL
    if one.row.state in GOING and all(channel is dead for channel in one.row.channels):
        await moves.move(tx, [one.row], Move.FAIL, reason, one.outcome.at)
    await moves.fail_unsendable(tx, [one.row], reason, one.outcome.at)


async def confirm_sent(tx: Db, message_id: UUID) -> None:
    """Records a message as SENT, and charges it, because one of its links was used: if it is UNKNOWN, or waits to be sent again
    although it had left. Call it before reading the invitation."""
    states = [state for state in message_sources(MessageState.SENT) if state != MessageState.SENDING]
    left = await Message.get_or_none(id=message_id, state__in=states, recipient__isnull=False, using_db=tx)
    if left is not None:
        await settle(tx, [Outcome(message_id, MessageState.SENT, min(left.due_at, clock.now()))])


def _tried_again(settled: Sequence[Settled]) -> list[_Due]:
    again = (MessageState.DEFERRED, MessageState.SCHEDULED)
    return [(one.message["lane_id"], one.due_at) for one in settled if one.due_at is not None and one.state in again]
