"""The limits on operations, over HTTP and on websockets alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from strawberry.types import Info

import models
from models.rules import ids
from plaudit import edge
from plaudit.graphql import Gateway
from plaudit.masking import Coded
from resolvers.concurrency import OperationLimiter
from resolvers.context import Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from schema import root
from schema.documents import MAX_LINES
from tests import factories as make
from tests.gateway import SECRET, Api, Json, receive, serving, settings, subscribe
from tests.resolvers.test_progress import FOLLOW, begun

NAME = "{ account { name } }"


@pytest.fixture
async def owner(db: str) -> models.User:
    return await make.member(await make.account())


def doubled(levels: int) -> str:
    """Fragments each of which selects the one before it twice, going round from an invitation to its customer."""
    bodies = ["fragment F0 on Customer { id }"]
    for n in range(1, levels + 1):
        back = f"invitation {{ customer {{ ...F{n - 1} }} }}"
        bodies.append(f"fragment F{n} on Customer {{ a: {back} b: {back} }}")
    return f"{{ account {{ customers {{ edges {{ node {{ ...F{levels} }} }} }} }} }} {' '.join(bodies)}"


TOO_COSTLY = {
    "fields": doubled(20),
    "levels": "{ account { customers { edges { node { "
    + "invitation { customer { " * 10
    + "id"
    + " } }" * 10
    + " } } } } }",
    "aliases": "{ account { " + " ".join(f"a{n}: name" for n in range(101)) + " } }",
    "directives": "{ account { name " + "@include(if: true) " * 101 + "} }",
    "values": """{ account { customers(first: 100) { edges { node { activity(first: 100) { edges { node {
      cursor: id
      id kind occurredAt channel npsScore feedback actor actorKind __typename platform { key name url } } } } } } } } }""",
    "lines": NAME + "\n" * MAX_LINES,
    "repeats": "{ account { " + "name " * 950 + "} }",
}


async def answered(api: Api, who: models.User, document: str, **variables: Any) -> tuple[int, Json, Json]:
    """Over HTTP, with the status, and on a websocket, which stays open."""
    body = {"query": document, "variables": variables}
    over_http = await api.post(who, body, accept=edge.RESPONSE_JSON)
    async with api.connected(who) as socket:
        await subscribe(socket, document, **variables)
        message = await receive(socket)
        if message["type"] == "next":
            assert (await receive(socket))["type"] == "complete"
        await subscribe(socket, NAME, "2")
        assert (await receive(socket))["payload"]["data"]["account"]["name"]
    payload = message["payload"]
    return over_http.status_code, over_http.json(), payload if isinstance(payload, dict) else {"errors": payload}


def codes(answer: Json) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


@pytest.mark.parametrize("limit", TOO_COSTLY)
async def test_what_asks_for_too_much_is_refused(api: Api, owner: models.User, limit: str) -> None:
    status, over_http, over_socket = await answered(api, owner, TOO_COSTLY[limit])
    assert status == 400
    assert codes(over_http) == codes(over_socket) == ["QUERY_TOO_COSTLY"]
    assert "data" not in over_http


async def test_a_response_that_is_too_large_is_refused(api: Api) -> None:
    account = await make.account()
    who, location = await make.member(account), await make.location(account)
    keys = [ids.public_id(ids.LOCATION, location.id)] * 100
    long = "x" * 60_000
    document = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Location {{ platforms {{ {long}: key }} }} }} }}"
    status, over_http, over_socket = await answered(api, who, document, ids=keys)
    assert status == 400
    assert codes(over_http) == codes(over_socket) == ["QUERY_TOO_COSTLY"]
    assert over_socket["data"] is None


@asynccontextmanager
async def slow_gateway(db: str, field_seconds: float = 60, **given: Any) -> AsyncIterator[Api]:
    """Its field `agency` takes so long, by default until the time limit."""
    built = root.build(Coded)

    async def slow(_parent: object, _info: Info, **_given: object) -> None:
        await asyncio.sleep(field_seconds)

    assert built.core.query_type is not None
    built.core.query_type.fields["agency"].resolve = slow
    gateway = Gateway(built, settings(db), Shared(CursorBox((SECRET,)), Live(db), **given))
    async with serving(Starlette(routes=[Route("/graphql", gateway), WebSocketRoute("/graphql", gateway)])) as api:
        yield api


SLOW = "{ agency { name } }"


async def test_an_operation_ends_at_its_time_limit(db: str, owner: models.User) -> None:
    async with slow_gateway(db, max_operation_seconds=0.1) as api:
        status, over_http, over_socket = await answered(api, owner, SLOW)
    assert status == 504
    assert codes(over_http) == codes(over_socket) == ["TIMEOUT"]


async def test_an_operation_that_is_planned_ends_at_its_time_limit(db: str, owner: models.User) -> None:
    document = "query Planned { account { id } agency { name } }"
    async with slow_gateway(db, max_operation_seconds=0.3) as api:
        found = [await api.post(owner, {"query": document}) for _ in range(4)]
    assert [one.status_code for one in found] == [504] * 4
    assert all(codes(one.json()) == ["TIMEOUT"] for one in found)


async def test_the_time_limit_holds_for_a_query_that_its_plan_leaves(db: str, owner: models.User) -> None:
    """It is executed from the beginning, within what is left of the time."""
    document = "query Left { agency { name } account { id customers(first: 1000) { edges { node { id } } } } }"
    async with slow_gateway(db, max_operation_seconds=1.5, field_seconds=1) as api:
        found = [await api.post(owner, {"query": document}) for _ in range(3)]
    assert [codes(one.json()) for one in found] == [["BAD_USER_INPUT"], ["BAD_USER_INPUT"], ["TIMEOUT"]]


async def test_a_member_has_so_many_operations_at_once(db: str, owner: models.User) -> None:
    other = await make.member(await make.account())
    limiter = OperationLimiter(max_running=2, max_wait_seconds=0.1)
    async with slow_gateway(db, max_operation_seconds=5, limiter=limiter) as api, api.connected(owner) as socket:
        await subscribe(socket, SLOW)
        running = asyncio.create_task(api.post(owner, {"query": SLOW}))
        while (refused := await api.post(owner, {"query": NAME})).status_code == 200:
            pass
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert codes(refused.json()) == ["RATE_LIMITED"]
        await subscribe(socket, NAME, "2")
        message = await receive(socket)
        assert (message["id"], message["type"], codes({"errors": message["payload"]})) == (
            "2",
            "error",
            ["RATE_LIMITED"],
        )
        assert (await api.post(other, {"query": NAME})).status_code == 200
        running.cancel()


async def test_a_subscription_leaves_room_for_operations(db: str) -> None:
    account, key, _ = await begun()
    who, limiter = await make.member(account), OperationLimiter(max_running=1, max_wait_seconds=0.1)
    async with slow_gateway(db, limiter=limiter) as api, api.connected(who) as socket:
        for name in ("1", "2"):
            await subscribe(socket, FOLLOW, name, id=key)
            assert (await receive(socket))["type"] == "next"
        assert (await api.post(who, {"query": NAME})).status_code == 200


async def test_a_path_with_a_slash_at_its_end_is_not_found(api: Api, owner: models.User) -> None:
    for path in ("/graphql/", "/uploads/", "/healthz/"):
        for method in ("GET", "POST", "HEAD", "OPTIONS"):
            assert (await api.client.request(method, path)).status_code == 404


@pytest.mark.parametrize(("path", "method", "status"), [
    ("/healthz", "HEAD", 200),
    ("/healthz", "POST", 405),
    ("/healthz", "OPTIONS", 405),
    ("/uploads", "GET", 405),
    ("/uploads", "OPTIONS", 405),
    ("/graphql", "HEAD", 405),
    ("/graphql", "OPTIONS", 405),
    ("/nothing", "HEAD", 404),
])  # fmt: skip
async def test_other_methods_have_their_status(api: Api, path: str, method: str, status: int) -> None:
    answer = await api.client.request(method, path)
    assert answer.status_code == status
    assert ("allow" in answer.headers) is (status == 405)
