"""The floor's answer with one customer in detail: three statements."""

from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import asyncpg

from models.connection import Connection

Json = dict[str, Any]
CUSTOMER = """
select a.time_zone, c.id, c.first_name, c.last_name, c.email, c.phone, c.invited_on, c.source, c.nps_score,
  l.id as l_id, l.name as l_name, l.time_zone as l_time_zone,
  r.id as r_id, r.reviewer_name, r.reviewed_on, r.rating, r.text, r.sentiment, r.reply_url, p.key as p_key, p.name as p_name,
  i.id as i_id, case when n.held_by is not null then 'HELD' else i.state end as state,
  case when n.held_by is not null then n.reply end as reply, n.due_at, i.employee, i.service, i.import_name
from customer c join account a on a.id = c.account_id
join location l on l.id = c.location_id
join invitation i on i.id = c.latest_invitation_id
left join review r on r.id = c.latest_review_id
left join review_platform p on p.id = r.platform_id
left join lateral (
  select m.due_at, la.held_by, la.reply from message m join lane la on la.id = m.lane_id
  where m.invitation_id = i.id and m.state in ('SCHEDULED', 'CLAIMED', 'DEFERRED') order by m.step limit 1
) n on i.state in ('QUEUED', 'ACTIVE')
where c.account_id = $1 and c.id = $2
"""
MESSAGES = """
select id, step, channel, case state when 'CLAIMED' then 'SCHEDULED' else state end, due_at, sent_at, reply
from message where invitation_id = $1 order by step
"""
EVENTS = """
select * from (
  select (e.occurred_at at time zone $2)::date as day, e.id, e.kind, e.occurred_at, e.channel, e.nps_score, e.feedback, e.actor,
    coalesce(v.actor_kind, case when e.actor_kind = 'UNKNOWN' and e.kind = 'LINK_CLICKED' and m.human_at >= e.occurred_at
      then 'HUMAN' else e.actor_kind end) as actor_kind,
    p.key, p.name, dense_rank() over (order by (e.occurred_at at time zone $2)::date desc) as number
  from activity_event e
  left join review_platform p on p.id = e.platform_id
  left join message m on m.id = e.message_id
  left join event_verdict v on v.event_id = e.id
  where e.customer_id = $1
) numbered where number <= 100 order by occurred_at desc, id desc
"""


def key_of(public: str) -> UUID:
    return UUID(public.partition("_")[2])


def written(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def _review(row: asyncpg.Record) -> Json | None:
    return row["r_id"] and {
        "id": f"rev_{row['r_id'].hex}",
        "reviewerName": row["reviewer_name"],
        "reviewedOn": written(row["reviewed_on"]),
        "npsScore": row["nps_score"],
        "rating": row["rating"],
        "text": row["text"],
        "sentiment": row["sentiment"],
        "replyUrl": row["reply_url"],
        "platform": {"key": row["p_key"], "name": row["p_name"]},
    }


def _message(row: asyncpg.Record) -> Json:
    key, step, channel, state, due_at, sent_at, reply = row
    return {
        "id": f"msg_{key.hex}",
        "step": step,
        "channel": channel,
        "state": state,
        "dueAt": written(due_at),
        "sentAt": written(sent_at),
        "reply": reply,
    }


def _invitation(row: asyncpg.Record, messages: list[asyncpg.Record]) -> Json:
    return {
        "id": f"inv_{row['i_id'].hex}",
        "state": row["state"],
        "stateDetail": row["reply"],
        "nextMessageAt": written(row["due_at"]),
        "employee": row["employee"],
        "service": row["service"],
        "importName": row["import_name"],
        "messages": [_message(one) for one in messages],
    }


def _event(row: asyncpg.Record) -> Json:
    _, key, kind, occurred_at, channel, nps, feedback, actor, actor_kind, platform, name, _ = row
    return {
        "id": f"evt_{key.hex}",
        "kind": kind,
        "occurredAt": written(occurred_at),
        "channel": channel,
        "npsScore": nps,
        "feedback": feedback,
        "actor": actor,
        "actorKind": actor_kind,
        "platform": {"key": platform, "name": name} if platform else None,
    }


async def detail(connection: Connection, asked: Json) -> Json:
    row = await connection.fetchrow(CUSTOMER, key_of(asked["account"]), key_of(asked["customer"]))
    messages = await connection.fetch(MESSAGES, row["i_id"])
    events = await connection.fetch(EVENTS, row["id"], row["time_zone"])
    customer = {
        "id": asked["customer"],
        "firstName": row["first_name"],
        "lastName": row["last_name"],
        "email": row["email"],
        "phone": row["phone"],
        "invitedOn": written(row["invited_on"]),
        "source": row["source"],
        "location": {"id": f"loc_{row['l_id'].hex}", "name": row["l_name"], "timeZone": row["l_time_zone"]},
        "linkedReview": _review(row),
        "invitation": _invitation(row, messages),
        "activityByDay": [
            {"date": day.isoformat(), "events": [_event(one) for one in of_day]}
            for day, of_day in groupby(events, lambda one: one["day"])
        ],
    }
    return {"account": {"id": asked["account"], "timeZone": row["time_zone"], "customer": customer}}
