"""State transitions of invitations, with their messages, reservations and events. Nothing else changes an invitation's
state."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

import asyncpg

from models.commands import allowance, lanes
from models.commands.activity import SYSTEM, Actor, Event, Subject, record_events
from models.commands.allowance import AccountTerms, CycleCount
from models.connection import Db, execute, fetch, statement
from models.rules.enums import ActivityKind, Channel, FailureReason, HoldReason, InvitationState, MessageState
from models.rules.lifecycle import GOING, GONE, PENDING, Move, message_sources, next_state
from models.rules.sequence import Pace, SendWindow, Waiting, retime, send_windows, stored_zone
from models.tables.invitation import Invitation


@dataclass(slots=True)
class Locked:
    """A locked invitation; its account was locked first."""

    id: UUID
    account_id: UUID
    location_id: UUID
    customer_id: UUID
    bulk_import_id: UUID | None
    state: InvitationState
    state_reason: str | None
    channels: list[Channel]
    first_sent_at: datetime | None
    reserved_cycle: date | None
    email: str | None
    phone: str | None
    goals: list[str]
    answer_window: timedelta
    windows: dict[Channel, SendWindow]
    terms: AccountTerms

    def address(self, channel: Channel) -> str | None:
        return self.email if channel is Channel.EMAIL else self.phone

    @property
    def addresses(self) -> list[tuple[Channel, str]]:
        pairs = ((Channel.EMAIL, self.email), (Channel.SMS, self.phone))
        return [(channel, address) for channel, address in pairs if address]

    @property
    def sent(self) -> bool:
        return self.first_sent_at is not None

    @property
    def subject(self) -> Subject:
        return Subject(self.account_id, self.location_id, self.customer_id, self.id)


async def locked(tx: Db, ids: Iterable[UUID]) -> dict[UUID, Locked]:
    """Locks the invitations that exist, until the transaction ends."""
    wanted = sorted(set(ids))
    terms = await allowance.lock_of(tx, "invitation", wanted)
    return _locked(await fetch(tx, statement("invitations_locked"), wanted), terms)


async def locked_of(tx: Db, messages: Sequence[UUID]) -> dict[UUID, Locked]:
    """Locks the invitations of these messages, until the transaction ends."""
    owners = "array(select invitation_id from message where id = any($1::uuid[]))"
    terms = await allowance.lock_of(tx, "message", messages)
    text = statement("invitations_locked").replace("$1::uuid[]", owners)
    return _locked(await fetch(tx, text, messages), terms)


def _locked(rows: Sequence[asyncpg.Record], terms: Mapping[UUID, AccountTerms]) -> dict[UUID, Locked]:
    return {
        row["id"]: Locked(
            id=row["id"],
            account_id=row["account_id"],
            location_id=row["location_id"],
            customer_id=row["customer_id"],
            bulk_import_id=row["bulk_import_id"],
            state=InvitationState(row["state"]),
            state_reason=row["state_reason"],
            channels=[Channel(channel) for channel in row["channels"]],
            first_sent_at=row["first_sent_at"],
            reserved_cycle=row["reserved_cycle"],
            email=row["email"],
            phone=row["phone"],
            goals=row["goals"],
            answer_window=timedelta(days=row["answer_window_days"]),
            windows=send_windows(row, stored_zone(row)),
            terms=terms[row["account_id"]],
        )
        for row in rows
    }


_MOVE = """
update invitation i set state = m.state, state_reason = $3, state_changed_at = $4
from unnest($1::uuid[], $2::text[]) as m (id, state) where i.id = m.id
"""


async def move(tx: Db, rows: Sequence[Locked], step: Move, reason: str | None, now: datetime) -> None:
    """Moves invitations to the state in the transition table. Raises ImpossibleMoveError, having changed nothing, if one of
    them does not allow the move."""
    targets = [next_state(row.state, step, sent=row.sent) for row in rows]
    await execute(tx, _MOVE, [row.id for row in rows], [str(target) for target in targets], reason, now)
    leaving = [row for row, target in zip(rows, targets, strict=True) if target not in GOING]
    for row, target in zip(rows, targets, strict=True):
        row.state, row.state_reason = target, reason
    await release_reservations(tx, leaving)


async def set_reason(tx: Db, row: Locked, reason: str) -> None:
    """Replaces why an invitation is in its state, which it entered when it did."""
    await Invitation.filter(id=row.id).using_db(tx).update(state_reason=reason)
    row.state_reason = reason


async def release_reservations(tx: Db, rows: Sequence[Locked]) -> None:
    """Releases the reservations of invitations that stopped sending, except while the first message is being handed
    over or may have been sent."""
    held = [row for row in rows if row.reserved_cycle is not None]
    if not held:
        return
    free = {row["id"] for row in await fetch(tx, statement("invitations_unreserve"), [row.id for row in held])}
    returned = [row for row in held if row.id in free]
    await allowance.release(tx, [reservation(row) for row in returned])
    for row in returned:
        row.reserved_cycle = None


def reservation(row: Locked) -> CycleCount:
    assert row.reserved_cycle is not None
    return CycleCount(row.account_id, row.location_id, row.reserved_cycle)


_PAUSE = """
update message set state = 'PAUSED', remaining = greatest(due_at - $2::timestamptz, interval '0'), lease_until = null,
  worker = null
where id = any (array(
    select id from message where invitation_id = any($1::uuid[]) and state = any($3::text[]) order by id for update))
  and state = any($3::text[])
"""
"""Locks messages by key, in the order in which a worker returns its claims; so does the next statement."""


async def pause_messages(tx: Db, rows: Sequence[Locked], now: datetime) -> None:
    """Pauses messages that are not stamped, and stores their remaining delay."""
    await execute(tx, _PAUSE, [row.id for row in rows], now, message_sources(MessageState.PAUSED))


async def hold(tx: Db, rows: Sequence[Locked], reason: HoldReason, now: datetime) -> None:
    """Holds invitations, with their messages paused."""
    if rows:
        await pause_messages(tx, rows, now)
        await move(tx, rows, Move.HOLD, reason, now)
        await record_event(tx, rows, ActivityKind.HELD, SYSTEM, now, reason)


_END = """
update message set state = $2, lease_until = null, worker = null
where id = any (array(
    select id from message where invitation_id = any($1::uuid[]) and state = any($3::text[])
      and ($4::text[] is null or channel = any($4::text[])) order by id for update))
  and state = any($3::text[])
"""


async def end_messages(
    tx: Db, rows: Sequence[Locked], state: MessageState, channels: Sequence[Channel] | None = None
) -> None:
    """Sets messages that are not stamped to SKIPPED or CANCELLED, on all channels or on these."""
    wanted = None if channels is None else [str(channel) for channel in channels]
    await execute(tx, _END, [row.id for row in rows], str(state), message_sources(state), wanted)


_PAUSED = """
select id, invitation_id, lane_id, channel, remaining, after_seconds, at_minute from message
where invitation_id = any($1::uuid[]) and state = 'PAUSED' order by invitation_id, step for update
"""
_RESUME = """
update message m set state = 'SCHEDULED', due_at = t.due_at, remaining = null, deferred_since = null
from unnest($1::uuid[], $2::timestamptz[]) as t (id, due_at) where m.id = t.id
"""


async def resume_messages(tx: Db, rows: Sequence[Locked], now: datetime) -> None:
    """Reschedules paused messages. A deferred message starts over, since paused time does not count."""
    owners = {row.id: row for row in rows}
    paused = await fetch(tx, _PAUSED, list(owners))
    times: list[datetime] = []
    for key, messages in groupby(paused, key=lambda message: message["invitation_id"]):
        times += _retimed(owners[key], list(messages), now)
    await execute(tx, _RESUME, [message["id"] for message in paused], times)
    await lanes.wake(tx, [(message["lane_id"], due) for message, due in zip(paused, times, strict=True)])


def _retimed(row: Locked, paused: Sequence[asyncpg.Record], now: datetime) -> list[datetime]:
    waiting = [Waiting(message["remaining"] or timedelta(), pace_of(message)) for message in paused]
    return retime(now, waiting, [row.windows[Channel(message["channel"])] for message in paused])


_DUE = """
update message m set due_at = t.due_at from unnest($1::uuid[], $2::timestamptz[]) as t (id, due_at) where m.id = t.id
"""


async def set_due(tx: Db, messages: Sequence[UUID], times: Sequence[datetime]) -> None:
    """Moves messages to other times. Waking their lanes is left to the caller."""
    if messages:
        await execute(tx, _DUE, list(messages), list(times))


def pace_of(message: asyncpg.Record) -> Pace:
    """The pace of a message's step."""
    return Pace(timedelta(seconds=message["after_seconds"]), message["at_minute"])


_NEXT_PAUSED = """
select distinct on (invitation_id) invitation_id, remaining, channel, after_seconds, at_minute from message
where invitation_id = any($1::uuid[]) and state = 'PAUSED' order by invitation_id, step
"""


async def first_due(tx: Db, rows: Sequence[Locked], now: datetime) -> dict[UUID, datetime]:
    """When each invitation's next paused message would be due if resumed now; now for invitations without one."""
    paused = {row["invitation_id"]: row for row in await fetch(tx, _NEXT_PAUSED, [row.id for row in rows])}
    due = dict.fromkeys((row.id for row in rows), now)
    for row in rows:
        if message := paused.get(row.id):
            due[row.id] = _retimed(row, [message], now)[0]
    return due


async def begin_answer_window(tx: Db, rows: Sequence[Locked]) -> list[Locked]:
    """Returns invitations that sent nothing and have nothing left to send. Starts the answer window of those whose last
    message was, or may have been, sent."""
    if not rows:
        return []
    found = await fetch(tx, statement("messages_finished"), [row.id for row in rows], sorted(PENDING), sorted(GONE))
    keys = {row["id"] for row in found}
    return [row for row in rows if row.id in keys]


async def fail_unsendable(tx: Db, rows: Sequence[Locked], reason: FailureReason, now: datetime) -> list[Locked]:
    """Fails invitations with nothing sent and nothing left to send, and returns them. Those that sent something wait for
    an answer."""
    failed = [row for row in await begin_answer_window(tx, rows) if row.state in GOING]
    if failed:
        await move(tx, failed, Move.FAIL, reason, now)
    return failed


async def reserve_again(tx: Db, row: Locked, cycle: date, now: datetime) -> bool:
    """Renews the reservation of an unsent invitation. Returns False if no allowance is left."""
    if row.sent or row.reserved_cycle is not None:
        return True
    if await allowance.room(tx, row.terms, row.location_id, cycle, now) < 1:
        return False
    await Invitation.filter(id=row.id).using_db(tx).update(reserved_cycle=cycle)
    row.reserved_cycle = cycle
    await allowance.reserve(tx, [reservation(row)])
    return True


async def record_event(
    tx: Db, rows: Sequence[Locked], kind: ActivityKind, actor: Actor, now: datetime, reason: str | None = None
) -> None:
    """Records one event per invitation."""
    await record_events(tx, [Event(row.subject, kind, actor, now, reason=reason) for row in rows])
