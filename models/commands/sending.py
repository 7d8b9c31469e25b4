"""From a due message to SENDING: claimed with a lease, checked again, and marked before the relay is contacted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from models.commands import lanes, moves, outcomes
from models.commands.outcomes import Outcome
from models.connection import WORK, Db, execute, fetch, fetch_one, pool, statement, transaction
from models.reads.drafts import Draft, written
from models.rules.cycle import cycle_at
from models.rules.enums import Channel, HoldReason, MessageState
from models.rules.lifecycle import GOING, message_sources
from models.rules.sequence import send_windows, stored_zone

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ClaimedMessage(Draft):
    """A message claimed by this worker."""

    invitation_id: UUID
    template_id: UUID
    attempts: int
    due_at: datetime
    account_zone: str
    anchor_day: int
    zones: tuple[str, ...] = ()
    """The location's, and the recipient's if it is known."""


async def claim(
    db: Db, worker: UUID, now: datetime, *, max_messages: int, lease_seconds: float, max_lanes: int = 10
) -> list[ClaimedMessage]:
    """Claims due messages of several lanes in turn. No other worker gets them until the lease expires."""
    sources = message_sources(MessageState.CLAIMED)
    rows = await fetch(
        db, statement("messages_claim"), min(max_lanes, max_messages), max_messages, worker, now, lease_seconds, sources
    )
    return [_claimed(row) for row in rows]


def _claimed(row: asyncpg.Record) -> ClaimedMessage:
    channel = Channel(row["channel"])
    return ClaimedMessage(
        id=row["id"],
        account_id=row["account_id"],
        location_id=row["location_id"],
        invitation_id=row["invitation_id"],
        template_id=row["template_id"],
        step=row["step"],
        channel=channel,
        attempts=row["attempts"],
        due_at=row["due_at"],
        recipient=(row["email"] if channel is Channel.EMAIL else row["phone"]) or "",
        first_name=row["first_name"],
        last_name=row["last_name"],
        employee=row["employee"],
        service=row["service"],
        account_zone=row["account_zone"],
        anchor_day=row["anchor_day"],
        zones=tuple(row[name] for name in ("location_zone", "customer_zone") if row[name]),
        **written(row),
    )


async def stamp(
    db: Db, messages: Sequence[ClaimedMessage], worker: UUID, now: datetime, *, lease_seconds: float
) -> set[UUID]:
    """Sets messages to SENDING and returns the keys of those that may be handed over as soon as that is committed. In a
    transaction, call it before any lane is locked."""
    if not messages:
        return set()
    cycles = {m.account_id: cycle_at(now, m.account_zone, m.anchor_day).starts_on for m in messages}
    zones = sorted({zone for message in messages for zone in message.zones})
    rows = await fetch(
        db,
        statement("messages_stamp"),
        [message.id for message in messages],
        [message.recipient for message in messages],
        worker,
        lease_seconds,
        sorted(GOING),
        list(cycles),
        list(cycles.values()),
        message_sources(MessageState.SENDING),
        zones,
        [now.astimezone(ZoneInfo(zone)).hour for zone in zones],
    )
    return {row["id"] for row in rows}


async def reschedule(tx: Db, ids: Sequence[UUID], worker: UUID, now: datetime) -> None:
    """Reschedules messages that did not pass the stamp: to the next opening of their window, or by a minute."""
    claims = message_sources(MessageState.SCHEDULED, MessageState.CLAIMED)
    rows = await fetch(tx, statement("messages_unstamped"), list(ids), worker, claims)
    times = [_next_try(row, now) for row in rows]
    await execute(
        tx,
        "update message m set state = 'SCHEDULED', due_at = t.due_at, lease_until = null, worker = null "
        "from unnest($1::uuid[], $2::timestamptz[]) as t (id, due_at) where m.id = t.id",
        [row["id"] for row in rows],
        times,
    )
    await lanes.wake(tx, [(row["lane_id"], at) for row, at in zip(rows, times, strict=True)])


def _next_try(row: asyncpg.Record, now: datetime) -> datetime:
    opens = send_windows(row, stored_zone(row))[Channel(row["channel"])].place(now)
    return opens if opens > now else now + _MINUTE


async def renew(db: Db, ids: Sequence[UUID], worker: UUID, lease_seconds: float) -> None:
    """Extends the leases of messages that this worker still holds."""
    await execute(
        db,
        "update message set lease_until = now() + make_interval(secs => $3) where id = any (array("
        "select id from message where id = any($1::uuid[]) and worker = $2 and state in ('CLAIMED', 'SENDING') "
        "for update skip locked))",  # what is locked is being marked or recorded
        list(ids),
        worker,
        lease_seconds,
    )


_RELEASE = """
update message set state = 'SCHEDULED', lease_until = null, worker = null, attempts = greatest(attempts - 1, 0)
where id = any (array(
    select id from message where worker = $1 and state = any($2::text[]) and ($3::uuid[] is null or id = any($3::uuid[]))
    order by id for update))
  and worker = $1 and state = any($2::text[])
returning lane_id, due_at
"""
"""Locks messages by key, as whoever ends or pauses them does."""


async def release(tx: Db, worker: UUID, ids: Sequence[UUID] | None = None) -> None:
    """Returns all claims of this worker, or those of these messages, due as before."""
    rows = await fetch(
        tx,
        _RELEASE,
        worker,
        message_sources(MessageState.SCHEDULED, MessageState.CLAIMED),
        None if ids is None else list(ids),
    )
    await lanes.wake(tx, [(row["lane_id"], row["due_at"]) for row in rows])


_LOST = """
select id, invitation_id from message
where state in ('CLAIMED', 'SENDING') and state = any($1::text[]) and lease_until < now()
  and ($2::uuid[] is null or id = any($2::uuid[])) order by id limit 1000
"""


async def reap(now: datetime) -> tuple[int, int]:
    """Recovers messages of lost workers. Returns how many claims were returned and how many messages are UNKNOWN."""
    claims = message_sources(MessageState.SCHEDULED, MessageState.CLAIMED)
    row = await fetch_one(pool(WORK), statement("messages_reap"), claims)
    async with transaction(WORK) as tx:
        return (row or {"returned": 0})["returned"], await _reap_stamped(tx, now)


async def _reap_stamped(tx: Db, now: datetime) -> int:
    """Marks stamped messages as UNKNOWN. They are looked up before locking, to lock in the usual order, and again under
    the locks."""
    stamped = message_sources(MessageState.UNKNOWN)
    seen = await fetch(tx, _LOST, stamped, None)
    if not seen:
        return 0
    await moves.locked(tx, [row["invitation_id"] for row in seen])
    lost = await fetch(tx, _LOST + " for update", stamped, [row["id"] for row in seen])
    await outcomes.settle(tx, [Outcome(row["id"], MessageState.UNKNOWN, now) for row in lost])
    return len(lost)


async def repair_lanes(db: Db, now: datetime) -> None:
    await execute(db, statement("lanes_repair"), now)
    await lanes.forget_quiet(db, now)


async def hold_overdue(tx: Db, now: datetime) -> int:
    """Holds messages that their lane could have sent more than a day ago, so that none surprises at night. Returns how
    many."""
    rows = await fetch(tx, statement("lanes_overdue"), now)
    found = await moves.locked(tx, [row["invitation_id"] for row in rows])
    late = [row for row in found.values() if row.state in GOING]
    if late:
        await moves.hold(tx, late, HoldReason.OVERDUE, now)
    else:
        await execute(tx, statement("lanes_served"), now)
    return len(late)
