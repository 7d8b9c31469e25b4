"""Strawberry as its guides have it: types with resolvers, a DataLoader for each relation, and Tortoise's models.

`uvicorn benchmarks.peers.documented:app`, with the database in FLOOR_DATABASE_URL.
"""

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.types import Info
from tortoise import Tortoise
from tortoise.models import Model

import models

STOPPABLE = ("QUEUED", "ACTIVE", "HELD")
USAGE = "select sum(invited)::int as invited from account_usage where account_id = $1 and cycle_starts_on = $2"


def loader(model: type[Model]) -> DataLoader[UUID, Any]:
    async def load(keys: Sequence[UUID]) -> list[Any]:
        found = {row.pk: row for row in await model.filter(id__in=list(keys))}
        return [found.get(key) for key in keys]

    return DataLoader(load_fn=cast("Callable[[list[UUID]], Any]", load))


@strawberry.type
class Location:
    name: str


@strawberry.type
class Capability:
    allowed: bool


@strawberry.type
class Invitation:
    id: strawberry.ID
    state: str

    @strawberry.field
    def can_stop(self) -> Capability:
        return Capability(allowed=self.state in STOPPABLE)


@strawberry.type
class ReviewPlatform:
    name: str


@strawberry.type
class LinkedReview:
    platform_id: strawberry.Private[UUID]
    rating: float | None
    text: str | None

    @strawberry.field
    async def platform(self, info: Info) -> ReviewPlatform:
        row = await info.context["platforms"].load(self.platform_id)
        return ReviewPlatform(name=row.name)


@strawberry.type
class Customer:
    row: strawberry.Private[models.Customer]
    id: strawberry.ID
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    source: str
    invited_on: str
    nps_score: int | None
    rating: float | None

    @classmethod
    def of(cls, row: models.Customer) -> "Customer":
        return cls(
            row=row,
            id=strawberry.ID(f"cus_{row.id.hex}"),
            first_name=row.first_name,
            last_name=row.last_name,
            email=row.email,
            phone=row.phone,
            source=row.source,
            invited_on=row.invited_on.isoformat().replace("+00:00", "Z"),
            nps_score=row.nps_score,
            rating=row.rating,
        )

    @strawberry.field
    async def location(self, info: Info) -> Location:
        row = await info.context["locations"].load(self.row.location_id)
        return Location(name=row.name)

    @strawberry.field
    async def invitation(self, info: Info) -> Invitation:
        row = await info.context["invitations"].load(self.row.latest_invitation_id)
        return Invitation(id=strawberry.ID(f"inv_{row.id.hex}"), state=row.state)

    @strawberry.field
    async def linked_review(self, info: Info) -> LinkedReview | None:
        if self.row.latest_review_id is None:
            return None
        row = await info.context["reviews"].load(self.row.latest_review_id)
        return LinkedReview(platform_id=row.platform_id, rating=row.rating, text=row.text)


@strawberry.type
class CustomerEdge:
    cursor: str
    node: Customer


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class CustomerConnection:
    edges: list[CustomerEdge]
    page_info: PageInfo


@strawberry.type
class Usage:
    invited_this_cycle: int


@strawberry.type
class Account:
    id: strawberry.ID

    @strawberry.field
    async def usage(self) -> Usage:
        cycle = datetime.now(UTC).date().replace(day=1)
        rows = await Tortoise.get_connection("default").execute_query_dict(USAGE, [key_of(self.id), cycle])
        return Usage(invited_this_cycle=rows[0]["invited"] or 0)

    @strawberry.field
    async def customers(self, first: int) -> CustomerConnection:
        of_account = models.Customer.filter(account_id=key_of(self.id)).order_by("-invited_on", "-id")
        rows = await of_account.limit(first + 1)
        edges = [CustomerEdge(cursor=f"{row.invited_on}:{row.id.hex}", node=Customer.of(row)) for row in rows[:first]]
        start, end = (edges[0].cursor, edges[-1].cursor) if edges else (None, None)
        info = PageInfo(has_next_page=len(rows) > first, has_previous_page=False, start_cursor=start, end_cursor=end)
        return CustomerConnection(edges=edges, page_info=info)


def key_of(public: str) -> UUID:
    return UUID(public.partition("_")[2])


@strawberry.type
class Query:
    @strawberry.field
    async def account(self, id: strawberry.ID) -> Account | None:
        return Account(id=id)


class Served(GraphQL[Any, Any]):
    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        return {
            "locations": loader(models.Location),
            "invitations": loader(models.Invitation),
            "reviews": loader(models.Review),
            "platforms": loader(models.ReviewPlatform),
        }


def tables(url: str) -> dict[str, Any]:
    """Tortoise's configuration, with the floor's settings."""
    at = urlsplit(url)
    settings = {"plan_cache_mode": "force_generic_plan", "jit": "off"}
    credentials = {
        "host": at.hostname, "port": at.port, "user": at.username, "password": at.password, "database": at.path[1:],
        "server_settings": settings,
    }  # fmt: skip
    connections = {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}}
    return {"connections": connections, "apps": {"models": {"models": ["models"], "default_connection": "default"}}}


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    await Tortoise.init(config=tables(os.environ["FLOOR_DATABASE_URL"]), _enable_global_fallback=True)
    yield
    await Tortoise.close_connections()


app = Starlette(routes=[Route("/graphql", Served(strawberry.Schema(Query)))], lifespan=lifespan)
