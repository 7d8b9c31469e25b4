"""Reads timelines: the events of customers or invitations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from models.reads.customer_rows import PlatformRow
from models.reads.keyset import Position
from models.reads.operation import Ahead, Reads
from models.reads.records import Row, column, columns_of, member_of, part, selected
from models.rules.enums import ActivityKind, ActorKind, Channel


class EventRow(Row):
    """`actor_kind` as shown: with what was learned after the event."""

    id: UUID = column("e_id")
    account_id: UUID = column("e_account_id")
    location_id: UUID = column("e_location_id")
    customer_id: UUID = column("e_customer_id")
    invitation_id: UUID | None = column("e_invitation_id")
    kind: ActivityKind = column("e_kind", by=member_of(ActivityKind))
    occurred_at: datetime = column("e_occurred_at")
    channel: Channel | None = column("e_channel", by=member_of(Channel))
    platform: PlatformRow | None = part(PlatformRow, unless_null="p_id")
    nps_score: int | None = column("e_nps_score")
    feedback: str | None = column("e_feedback")
    actor: str | None = column("e_actor")
    actor_kind: ActorKind = column("e_actor_kind", by=member_of(ActorKind))


ACTOR_KIND = """
  coalesce(v.actor_kind, case when e.actor_kind = 'UNKNOWN' and e.kind = 'LINK_CLICKED' and m.human_at >= e.occurred_at
    then 'HUMAN' else e.actor_kind end)
"""
"""Who caused an event, as an expression: what was learned later (`models/commands/verdicts.py`), or that something was submitted
on the page after a click."""
EVENT_JOINS = "left join message m on m.id = e.message_id left join event_verdict v on v.event_id = e.id"

_EVENT = selected([*columns_of(EventRow)], {"e_actor_kind": ACTOR_KIND})
_JOINS = f"left join review_platform p on p.id = e.platform_id {EVENT_JOINS}"


OF_CUSTOMER, OF_INVITATION = "customer_id", "invitation_id"


async def pages(
    reads: Reads, owner: str, keys: Sequence[UUID], limit: int, after: Position | None = None
) -> dict[UUID, list[tuple[Position, EventRow]]]:
    """At most `limit` events of each customer or invitation with their positions, most recent first, in one statement;
    `owner` is one of the two columns."""
    keyset = "and (e.occurred_at, e.id) < ($3, $4)" if after else ""
    text = f"""
      select k.key as owner, events.* from unnest($1::uuid[]) as k (key) cross join lateral (
        select {_EVENT} from activity_event e {_JOINS} where e.{owner} = k.key {keyset}
        order by e.occurred_at desc, e.id desc limit $2
      ) events order by k.key, events.e_occurred_at desc, events.e_id desc
    """
    found: dict[UUID, list[tuple[Position, EventRow]]] = {key: [] for key in keys}
    for row in await reads.rows(text, list(keys), limit, *(after or ())):
        found[row["owner"]].append((Position(row["e_occurred_at"], row["e_id"]), EventRow(row)))
    return found


async def counts(reads: Reads, owner: str, keys: Sequence[UUID]) -> dict[UUID, int]:
    """The number of events of each customer or invitation."""
    text = f"select {owner} as owner, count(*) as number from activity_event where {owner} = any($1::uuid[]) group by {owner}"
    found = {row["owner"]: int(row["number"]) for row in await reads.rows(text, list(keys))}
    return {key: found.get(key, 0) for key in keys}


async def days(
    reads: Reads, keys: Sequence[UUID], zone: str, limit: int
) -> dict[UUID, list[tuple[date, list[EventRow]]]]:
    """At most `limit` days with events of each customer, in one statement; days and events are most recent first."""
    statement = days_statement(keys, zone, limit)
    found: dict[UUID, list[tuple[date, list[EventRow]]]] = {key: [] for key in keys}
    for row in await reads.rows(statement.sql, *statement.args):
        of_owner = found[row["owner"]]
        if not of_owner or of_owner[-1][0] != row["day"]:
            of_owner.append((row["day"], []))
        of_owner[-1][1].append(EventRow(row))
    return found


def days_statement(keys: Sequence[UUID], zone: str, limit: int) -> Ahead:
    """The statement for the days of these customers."""
    return Ahead(_DAYS, (list(keys), zone, limit))


_DAYS = f"""
  select k.key as owner, events.* from unnest($1::uuid[]) as k (key) cross join lateral (
    select * from (
      select {_EVENT}, (e.occurred_at at time zone $2)::date as day,
        dense_rank() over (order by (e.occurred_at at time zone $2)::date desc) as number
      from activity_event e {_JOINS} where e.customer_id = k.key
    ) numbered where number <= $3
  ) events order by k.key, events.e_occurred_at desc, events.e_id desc
"""

_DAY_AGO = """
  (lpad(to_hex((extract(epoch from now() - interval '1 day') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
"""
"""The least key that an event recorded a day ago can have: keys begin with the milliseconds of their creation."""
_RECORDED = f"""
  select e.id, e.occurred_at, r.recorded, r.recorded < -age(pg_snapshot_xmin(pg_current_snapshot())::xid) as settled
  from activity_event e cross join lateral (
    select case when e.id < {_DAY_AGO} then -3000000000 else -age(e.xmin)::bigint end as recorded
  ) r where e.customer_id = $1
"""
"""A customer's events in the order of the transactions that recorded them, which no later commit changes; those of a day ago
and before are ordered by time alone, since ages of transactions are only comparable for a while. An event is settled if no
transaction that is still running can add one before it. The system column xmin, unlike a column of ours, remains
true when a backup is restored into another server."""


@dataclass(frozen=True, slots=True)
class Next:
    """The event after another one, and whether it is certain that none will be added between them."""

    event: EventRow
    is_settled: bool


async def recorded_after(reads: Reads, customer_id: UUID, after: UUID | None, but: Sequence[UUID] = ()) -> Next | None:
    """The customer's next event after this one, or the first, in the order in which they were recorded."""
    text = f"""
      with recorded as ({_RECORDED}), next as (
        select * from recorded where id <> all($3::uuid[]) and ($2::uuid is null
          or (recorded, occurred_at, id) > (select recorded, occurred_at, id from recorded where id = $2))
        order by recorded, occurred_at, id limit 1
      )
      select n.settled, {_EVENT} from next n join activity_event e on e.id = n.id {_JOINS}
    """
    row = await reads.row(text, customer_id, after, list(but))
    return Next(EventRow(row), row["settled"]) if row else None


async def recorded_last(reads: Reads, customer_id: UUID) -> tuple[UUID | None, list[UUID]]:
    """The customer's last settled event, if any, and those that are not settled yet."""
    text = f"""
      with recorded as ({_RECORDED}), last as (
        select id from recorded where settled order by recorded desc, occurred_at desc, id desc limit 1
      )
      select id, settled from recorded where not settled or id = (select id from last)
    """
    rows = await reads.rows(text, customer_id)
    return next((row["id"] for row in rows if row["settled"]), None), [row["id"] for row in rows if not row["settled"]]


async def by_ids(reads: Reads, keys: Sequence[UUID]) -> list[EventRow]:
    """Events by key, in any account: only `resolvers/scope.py` may call this."""
    text = f"select {_EVENT} from activity_event e {_JOINS} where e.id = any($1::uuid[])"
    return [EventRow(row) for row in await reads.rows(text, list(keys))]
