"""The floor's answer with one customer in detail: three statements."""

from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from models.connection import Connection

Json = dict[str, Any]
_SHARED = Path(__file__).with_name("peers")
CUSTOMER, EVENTS = (_SHARED.joinpath(f"{name}.sql").read_text() for name in ("customer", "events"))
DAYS = 100
MESSAGES = """
select id, step, channel, case state when 'CLAIMED' then 'SCHEDULED' else state end, due_at, sent_at, reply
from message where invitation_id = $1 order by step
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
    events = await connection.fetch(EVENTS, row["id"], row["time_zone"], DAYS)
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
