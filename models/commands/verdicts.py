"""Decides later who caused an event: an answer proves a click, and requests for everything in a message come from a scanner."""

from datetime import datetime
from uuid import UUID

import asyncpg

from models.commands import funnel_marks
from models.connection import Db, execute, fetch, fetch_one, statement
from models.reads.timeline import ACTOR_KIND, EVENT_JOINS
from models.rules.enums import ActivityKind, ActorKind
from models.rules.machine import AT_ONCE, Target, at_once, follows_all

_TARGETS = {ActivityKind.OPENED: Target.PIXEL, ActivityKind.LINK_CLICKED: Target.REVIEW}

_PROVEN = f"""
-- Which click does an answer prove that no person seems to have made ($1 message, $2 the answer before, or null, $3 now)? Where a
-- person's click came before the answer, none.
with clicks as (
  select e.id, e.occurred_at, {ACTOR_KIND} as actor_kind from activity_event e {EVENT_JOINS}
  where e.message_id = $1 and e.kind = 'LINK_CLICKED'
    and e.occurred_at between coalesce($2::timestamptz, '-infinity') and $3::timestamptz
)
select id from clicks where not exists (select from clicks where actor_kind <> 'LIKELY_MACHINE')
order by occurred_at desc, id desc limit 1
"""


async def prove_click(tx: Db, message_id: UUID, answered_before: datetime | None, now: datetime) -> None:
    """Something was submitted on the page, so a person opened it, whatever the request looked like."""
    clicks = await fetch(tx, _PROVEN, message_id, answered_before, now)
    await _decide(tx, [row["id"] for row in clicks], ActorKind.HUMAN, now)


_REQUESTS = f"""
-- Which opens and clicks of this message were recorded around this moment, and when was its unsubscribe page last requested
-- ($1 message, $2 moment, $3 how long before and after)?
select e.id, e.kind, e.occurred_at, {ACTOR_KIND} as actor_kind, m.unsubscribe_seen_at from activity_event e {EVENT_JOINS}
where e.message_id = $1 and e.kind in ('OPENED', 'LINK_CLICKED')
  and e.occurred_at between $2::timestamptz - $3::interval and $2::timestamptz + $3::interval
"""


async def judge_at_once(tx: Db, message_id: UUID, invitation_id: UUID, now: datetime) -> None:
    """Takes back opens and clicks of a scanner, which requests both pages at once, in any order. Called with each request; the
    account is locked."""
    rows = await fetch(tx, _REQUESTS, message_id, now, 2 * AT_ONCE)
    requests: dict[Target, list[datetime]] = {target: [] for target in Target}
    for row in rows:
        requests[_TARGETS[row["kind"]]].append(row["occurred_at"])
        requests[Target.UNSUBSCRIBE] += [row["unsubscribe_seen_at"]] if row["unsubscribe_seen_at"] else []
    scanned = [row["id"] for row in rows if row["actor_kind"] == ActorKind.UNKNOWN and _is_scanned(row, requests)]
    if scanned:
        await _decide(tx, scanned, ActorKind.LIKELY_MACHINE, now)
        await _take_back(tx, invitation_id)


def _is_scanned(row: asyncpg.Record, requests: dict[Target, list[datetime]]) -> bool:
    target = _TARGETS[row["kind"]]
    return follows_all(target, at_once(requests, target, row["occurred_at"]))


async def _decide(tx: Db, events: list[UUID], kind: ActorKind, now: datetime) -> None:
    if events:
        await execute(tx, statement("verdicts_add"), events, str(kind), now)


_LEFT = f"""
-- Was this invitation opened, and was it clicked, by anyone who is not likely a machine ($1 invitation)?
select coalesce(bool_or(e.kind = 'OPENED'), false) as opened,
  coalesce(bool_or(e.kind = 'LINK_CLICKED'), false)
    or exists (select 1 from message where invitation_id = $1 and human_at is not null) as clicked
from activity_event e {EVENT_JOINS}
where e.invitation_id = $1 and e.kind in ('OPENED', 'LINK_CLICKED') and {ACTOR_KIND} <> 'LIKELY_MACHINE'
"""


async def _take_back(tx: Db, invitation_id: UUID) -> None:
    """Counts what is left in the funnel."""
    left = await fetch_one(tx, _LEFT, invitation_id)
    assert left is not None
    await funnel_marks.reach(tx, [funnel_marks.Reached(invitation_id, opened=left["opened"], clicked=left["clicked"])])
