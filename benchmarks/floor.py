"""The least that a Python server does for a page of customers: Starlette, asyncpg, a hand-written statement and orjson; no token,
no rules, no GraphQL.

`uvicorn benchmarks.floor:app`, with the database in FLOOR_DATABASE_URL.
"""

import os
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

from models.connection import Connection

PAGE = """
select c.id, c.first_name, c.last_name, c.email, c.phone, c.source, c.invited_on, c.nps_score, c.rating, l.name,
  i.id, i.state, r.rating, p.name, r.text
from (select * from customer where account_id = $1 order by invited_on desc, id desc limit $2) c
join location l on l.id = c.location_id
join invitation i on i.id = c.latest_invitation_id
left join review r on r.id = c.latest_review_id
left join review_platform p on p.id = r.platform_id
order by c.invited_on desc, c.id desc
"""
USAGE = "select sum(invited)::int from account_usage where account_id = $1 and cycle_starts_on = date_trunc('month', now())::date"
STOPPABLE = ("QUEUED", "ACTIVE", "HELD")


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _edge(row: asyncpg.Record) -> dict[str, Any]:
    key, first, last, email, phone, source, invited_on, nps, rating, location, invitation, state, *review = row
    stars, platform, text = review
    node = {
        "id": f"cus_{key.hex}",
        "firstName": first,
        "lastName": last,
        "email": email,
        "phone": phone,
        "source": source,
        "invitedOn": _written(invited_on),
        "npsScore": nps,
        "rating": rating,
        "location": {"name": location},
        "invitation": {"id": f"inv_{invitation.hex}", "state": state, "canStop": {"allowed": state in STOPPABLE}},
        "linkedReview": {"rating": stars, "platform": {"name": platform}, "text": text} if platform else None,
    }
    return {"cursor": f"{invited_on.timestamp()}:{key.hex}", "node": node}


async def page(request: Request) -> Response:
    variables = orjson.loads(await request.body())["variables"]
    key, first = UUID(variables["id"].removeprefix("acc_")), variables["first"]
    async with request.app.state.pool.acquire() as connection:
        rows = await connection.fetch(PAGE, key, first + 1)
        invited = await connection.fetchval(USAGE, key)
    edges = [_edge(row) for row in rows[:first]]
    ends = [edges[0]["cursor"], edges[-1]["cursor"]] if edges else [None, None]
    page_info = {
        "hasNextPage": len(rows) > first, "hasPreviousPage": False, "startCursor": ends[0], "endCursor": ends[1]
    }  # fmt: skip
    account = {
        "id": variables["id"],
        "usage": {"invitedThisCycle": invited or 0},
        "customers": {"edges": edges, "pageInfo": page_info},
    }
    return Response(orjson.dumps({"data": {"account": account}}), media_type="application/json")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    settings = {"plan_cache_mode": "force_generic_plan", "jit": "off"}
    url = os.environ["FLOOR_DATABASE_URL"]
    async with asyncpg.create_pool(url, connection_class=Connection, server_settings=settings) as app.state.pool:
        yield


app = Starlette(routes=[Route("/graphql", page, methods=["POST"])], lifespan=lifespan)
