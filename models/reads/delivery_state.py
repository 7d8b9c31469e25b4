"""Reads how delivery is going: the relay, what is due, and what is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import asyncpg

from models.connection import Db, fetch
from models.reads.operation import Reads
from models.rules.enums import Channel
from models.rules.scope import Scope

RECENT = timedelta(seconds=60)
"""A worker that was not seen within this time has ended."""
MOST_DUE, MOST_HELD = 10_000, 100


class RelayState(StrEnum):
    UP = "UP"
    DOWN = "DOWN"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class HeldLane:
    """`reply`: the relay's words, if the lane waits for the relay. `place`: the keys of the account and the location."""

    location_id: UUID
    place: str
    channel: Channel
    reason: str
    since: datetime
    reply: str | None


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """`has_worker`: whether a worker was seen recently. `reply`: the relay's words while it is DOWN. `due` is at most MOST_DUE, and
    `held` at most MOST_HELD."""

    has_worker: bool
    relay: RelayState
    reply: str | None
    due: int
    oldest_due_at: datetime | None
    held: Sequence[HeldLane]
    overdue: int
    """Invitations that are held as OVERDUE, at most MOST_DUE."""


_STATE = f"""
-- How is delivery going ($1 now, $2 account or null for all, $3 locations or null for all, $4 since when workers are asked)?
with served as (
  select id, next_due from lane where next_due <= $1 and flag is null
    and ($2::uuid is null or account_id = $2) and ($3::uuid[] is null or location_id = any($3))
), due as (
  select m.due_at from served join message m on m.lane_id = served.id and m.state in ('SCHEDULED', 'DEFERRED') and m.due_at <= $1
  limit {MOST_DUE}
), late as (
  select 1 from invitation where state = 'HELD' and state_reason = 'OVERDUE'
    and ($2::uuid is null or account_id = $2) and ($3::uuid[] is null or location_id = any($3)) limit {MOST_DUE}
)
select w.relay, w.relay_reply, (select count(*) from due)::int as due, (select min(due_at) from due) as oldest_due_at,
  (select count(*) from late)::int as overdue,
  exists (select 1 from worker_heartbeat where seen_at > $4) as has_worker
from (select 1) one left join lateral (
  select relay, relay_reply from worker_heartbeat where seen_at > $4 and relay is not null
  order by relay = 'UP' desc, seen_at desc limit 1
) w on true
"""
_HELD = f"""
select la.location_id, a.key || '/' || l.key as place, la.channel, la.held_by as reason, la.held_since as since, la.reply
from lane la join location l on l.id = la.location_id join account a on a.id = la.account_id
where la.held_by is not null and ($1::uuid is null or la.account_id = $1) and ($2::uuid[] is null or la.location_id = any($2))
order by la.held_since, la.id limit {MOST_HELD}
"""


async def of_account(reads: Reads, scope: Scope, now: datetime) -> DeliveryState:
    state = await reads.row(_STATE, now, scope.account_id, scope.parameter, now - RECENT)
    return _of(state, await reads.rows(_HELD, scope.account_id, scope.parameter))


async def of_all(db: Db, now: datetime) -> DeliveryState:
    """Of the whole installation."""
    (state,) = await fetch(db, _STATE, now, None, None, now - RECENT)
    return _of(state, await fetch(db, _HELD, None, None))


def _of(state: asyncpg.Record | None, held: Sequence[asyncpg.Record]) -> DeliveryState:
    assert state is not None
    return DeliveryState(
        has_worker=state["has_worker"],
        relay=RelayState(state["relay"] or RelayState.UNKNOWN),
        reply=state["relay_reply"],
        due=state["due"],
        oldest_due_at=state["oldest_due_at"],
        overdue=state["overdue"],
        held=[
            HeldLane(
                row["location_id"], row["place"], Channel(row["channel"]), row["reason"], row["since"], row["reply"]
            )
            for row in held
        ],
    )
