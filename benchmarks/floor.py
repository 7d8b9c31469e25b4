"""The least that a Python server does for the operations that are measured: Starlette, asyncpg, hand-written statements and orjson;
no token, no rules, no GraphQL.

`uvicorn benchmarks.floor:app`, with the database in FLOOR_DATABASE_URL.
"""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.floor_detail import detail, key_of, written
from models.connection import Connection

Json = dict[str, Any]
PAGE = """
select c.id, c.first_name, c.last_name, c.email, c.phone, c.source, c.invited_on, c.nps_score, c.rating, l.name,
  i.id, i.state, r.rating, p.name, r.text
from (select * from customer where account_id = $1 {more} order by invited_on desc, id desc limit {limit}) c
join location l on l.id = c.location_id
join invitation i on i.id = c.latest_invitation_id
left join review r on r.id = c.latest_review_id
left join review_platform p on p.id = r.platform_id
order by c.invited_on desc, c.id desc
"""
"""The limit is part of the text: without its value, the planner would read the whole account."""
LATER, FOUND = "and (invited_on, id) < ($2, $3)", "and search like '%' || public.plaudit_fold($2) || '%'"
USAGE = "select sum(invited)::int from account_usage where account_id = $1 and cycle_starts_on = date_trunc('month', now())::date"
CLIENTS = """
select c.account_id, c.name_key, a.name, a.plan, coalesce(u.invited, 0), c.allowance, coalesce(u.reserved, 0),
  (select sum(invited) from location_usage l where l.account_id = c.account_id and l.cycle_starts_on = c.cycle_starts_on)::int,
  (c.resets_at at time zone a.time_zone)::date
from (select * from agency_client where agency_id = $1 order by name_key, account_id limit {limit}) c
join account a on a.id = c.account_id
left join account_usage u on u.account_id = c.account_id and u.cycle_starts_on = c.cycle_starts_on
order by c.name_key, c.account_id
"""
STOPPABLE = ("QUEUED", "ACTIVE", "HELD")


def position(cursor: str) -> tuple[datetime, UUID]:
    moment, _, key = cursor.rpartition(":")
    return datetime.fromisoformat(moment), UUID(key)


def _customer(row: asyncpg.Record) -> Json:
    key, first, last, email, phone, source, invited_on, nps, rating, location, invitation, state, *review = row
    stars, platform, text = review
    node = {
        "id": f"cus_{key.hex}",
        "firstName": first,
        "lastName": last,
        "email": email,
        "phone": phone,
        "source": source,
        "invitedOn": written(invited_on),
        "npsScore": nps,
        "rating": rating,
        "location": {"name": location},
        "invitation": {"id": f"inv_{invitation.hex}", "state": state, "canStop": {"allowed": state in STOPPABLE}},
        "linkedReview": {"rating": stars, "platform": {"name": platform}, "text": text} if platform else None,
    }
    return {"cursor": f"{node['invitedOn']}:{key.hex}", "node": node}


def _client(row: asyncpg.Record) -> Json:
    key, name_key, name, plan, invited, allowance, reserved, invited_here, resets_on = row
    usage = {
        "totalInvited": invited,
        "allowance": allowance,
        "remaining": max(allowance - invited - reserved, 0),
        "invitedThisCycle": invited_here or 0,
        "resetsOn": resets_on.isoformat(),
    }
    account = {"id": f"acc_{key.hex}", "name": name, "plan": plan}
    return {"cursor": f"{name_key}:{key.hex}", "node": {"account": account, "usage": usage}}


def _connection(edges: list[Json], first: int, after: str | None = None) -> Json:
    """A page of these edges, of which there is one more than asked for if more follow."""
    shown = edges[:first]
    start, end = (shown[0]["cursor"], shown[-1]["cursor"]) if shown else (None, None)
    info = {
        "hasNextPage": len(edges) > first, "hasPreviousPage": bool(after), "startCursor": start, "endCursor": end
    }  # fmt: skip
    return {"edges": shown, "pageInfo": info}


async def customers(connection: Connection, asked: Json) -> Json:
    key, first, after, search = key_of(asked["id"]), asked["first"], asked.get("after"), asked.get("search")
    more, parameters = (LATER, position(after)) if after else (FOUND, (search,)) if search else ("", ())
    rows = await connection.fetch(PAGE.format(more=more, limit=first + 1), key, *parameters)
    invited = await connection.fetchval(USAGE, key)
    found = _connection([_customer(row) for row in rows], first, after)
    return {"account": {"id": asked["id"], "usage": {"invitedThisCycle": invited or 0}, "customers": found}}


async def clients(connection: Connection, asked: Json) -> Json:
    key, first = key_of(asked["id"]), asked["first"]
    name = await connection.fetchval("select name from account where id = $1", key)
    rows = await connection.fetch(CLIENTS.format(limit=first + 1), key)
    return {"agency": {"name": name, "clients": _connection([_client(row) for row in rows], first)}}


ANSWERS = {
    "CustomersPage": customers,
    "CustomersAfter": customers,
    "CustomersFound": customers,
    "CustomerDetail": detail,
    "ClientsPage": clients,
}
"""By the operation's name."""


async def answer(request: Request) -> Response:
    body = orjson.loads(await request.body())
    named = re.match(r"query (\w+)", body["query"])
    assert named
    async with request.app.state.pool.acquire() as connection:
        data = await ANSWERS[named[1]](connection, body["variables"])
    return Response(orjson.dumps({"data": data}), media_type="application/json")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    settings = {"plan_cache_mode": "force_generic_plan", "jit": "off"}
    url = os.environ["FLOOR_DATABASE_URL"]
    async with asyncpg.create_pool(url, connection_class=Connection, server_settings=settings) as app.state.pool:
        yield


app = Starlette(routes=[Route("/graphql", answer, methods=["POST"])], lifespan=lifespan)
