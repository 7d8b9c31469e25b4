"""HTTP at /graphql: the order of checks, statuses, media types, and error codes."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.types import Info

import models
from models.clock import clock
from models.rules.enums import Role
from plaudit import edge, run
from plaudit.app import create_app
from plaudit.graphql import Gateway
from plaudit.masking import Coded
from resolvers.context import Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from schema import root
from tests import factories as make
from tests.gateway import SECRET, WAIT_SECONDS, Api, settings, token, wait_until_ready

PERSONAL = "ann@example.com"
NAME = {"query": "{ account { name } }"}
DEEP = "{ viewer " + "{ memberships { account " * 250 + "{ name }" + "} }" * 250 + " }"


@pytest.fixture
async def owner(db: str) -> models.User:
    return await make.member(await make.account())


async def code_of(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    assert "data" not in answer.json()
    return str(error["extensions"]["code"])


async def test_no_token_or_a_bad_one_is_401(api: Api, owner: models.User) -> None:
    over = token(owner, lifetime=timedelta(seconds=-1))
    owner.subject = "nobody"
    for given in ({}, {"authorization": "Basic x"}, *bearers("x", token(owner), over)):
        answer = await api.client.post("/graphql", json=NAME, headers=given)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert await code_of(answer) == "UNAUTHENTICATED"


def bearers(*tokens: str) -> list[dict[str, str]]:
    return [{"authorization": f"Bearer {one}"} for one in tokens]


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_another_method_is_405_before_anything_else(api: Api, method: str) -> None:
    answer = await api.client.request(method, "/graphql?query={account{name}}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def get(api: Api, who: models.User, **parameters: str) -> httpx.Response:
    return await api.client.get("/graphql", params=parameters, headers=bearers(token(who))[0])


async def test_only_queries_are_accepted_by_get(api: Api, owner: models.User) -> None:
    by_id = "query ($id: ID) { account(id: $id) { name } }"
    found = await get(api, owner, query=by_id, variables='{"id": "x"}')
    assert (found.status_code, found.json()) == (200, {"data": {"account": None}})
    stop = 'mutation { stopInvitation(input: {invitationId: "x"}) { userErrors { code } } }'
    refused = await get(api, owner, query=stop)
    assert (refused.status_code, refused.headers["allow"], await code_of(refused)) == (405, "POST", "BAD_USER_INPUT")
    assert (await get(api, owner)).status_code == 400
    assert (await get(api, owner, query=by_id, variables="x")).status_code == 400
    assert (await api.client.get("/graphql", params={"query": "{ account { name } }"})).status_code == 401


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql"],
)
async def test_a_request_that_needs_no_preflight_is_415(api: Api, kind: str) -> None:
    answer = await api.client.post("/graphql", content=json.dumps(NAME), headers={"content-type": kind})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (None, edge.JSON),
        ("*/*", edge.JSON),
        ("application/*", edge.JSON),
        ("application/json", edge.JSON),
        (edge.RESPONSE_JSON, edge.RESPONSE_JSON),
        (f"{edge.RESPONSE_JSON}, application/json;q=0.9", edge.RESPONSE_JSON),
        (f"application/json, {edge.RESPONSE_JSON};q=0.9", edge.JSON),
        (f"{edge.RESPONSE_JSON};charset=utf-8", edge.RESPONSE_JSON),
        ("text/html, */*;q=0.1", edge.JSON),
        ("text/event-stream", edge.EVENT_STREAM),
        ("text/event-stream;q=0.5, application/json", edge.JSON),
        ("application/json;q=0.5, text/event-stream", edge.EVENT_STREAM),
        ("text/event-stream;q=0, */*", edge.JSON),
        ("text/html", None),
        ("application/json;q=0", None),
    ],
)
async def test_the_media_type_is_the_one_preferred(accept: str | None, answered: str | None) -> None:
    assert edge.accepted(accept) == answered


async def test_the_answer_has_the_media_type_asked_for(api: Api, owner: models.User) -> None:
    for kind in (edge.JSON, edge.RESPONSE_JSON):
        answer = await api.post(owner, NAME, accept=kind)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        refused = await api.post(None, NAME, accept=kind)
        assert (refused.status_code, refused.headers["content-type"]) == (401, kind)
    assert (await api.post(owner, NAME, accept="text/html")).status_code == 406


async def test_a_body_that_is_too_long_is_413_before_the_token_is_checked(api: Api) -> None:
    long = {"query": "{ account { name } } #" + "x" * edge.MAX_BYTES}
    assert (await api.post(None, long)).status_code == 413

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * (edge.MAX_BYTES // 2)

    answer = await api.client.post("/graphql", content=pieces(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


NO_OPERATIONS: list[dict[str, object]] = [
    {"variables": "x"},
    {"variables": []},
    {"operationName": 5},
    {"extensions": "x"},
    {"operationName": "Nothing"},
    {"query": ""},
    {"query": "query A { viewer { id } } query B { viewer { id } }"},
    {"query": 'subscription { importProgress(bulkImportId: "x") { seq } }'},
]
NO_BODIES = [
    "",
    "x",
    "5",
    '"x"',
    "[]",
    "null",
    "{}",
    '{"query": 5}',
    '{"query": null}',
    "[" * 5000,
    '{"query": "\\ud800"}',
]


@pytest.mark.parametrize("body", NO_BODIES + [json.dumps(NAME | wrong) for wrong in NO_OPERATIONS])
async def test_an_invalid_operation_is_400(api: Api, owner: models.User, body: str) -> None:
    headers = bearers(token(owner))[0] | {"content-type": "application/json", "accept": edge.RESPONSE_JSON}
    answer = await api.client.post("/graphql", content=body, headers=headers)
    assert answer.status_code == 400
    assert await code_of(answer) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "BAD_USER_INPUT"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($id: ID!) { account { name } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($id: ID!) { account(id: $id) { name } }", "BAD_USER_INPUT"),
        ("query ($d: DateTime = 5) { account { customers(filter: {invitedSince: $d}) { edges { cursor } } } }", None),
        ("{ " + "a " * 2000 + "}", "GRAPHQL_PARSE_FAILED"),
        (DEEP, "GRAPHQL_PARSE_FAILED"),
        ("{ account { customers(first: 0) { edges { cursor } } } }", "in data"),
    ],
)
async def test_every_error_has_a_code_of_the_contract(
    api: Api, owner: models.User, query: str, code: str | None
) -> None:
    answer = await api.post(owner, {"query": query}, accept=edge.RESPONSE_JSON)
    if code == "in data":
        assert answer.status_code == 200
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        return
    assert answer.status_code == 400
    found = {error["extensions"]["code"] for error in answer.json()["errors"]}
    assert found == {code} if code else found <= {"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"}


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_persisted_query_is_refused_in_the_words_that_make_clients_send_it_whole(
    api: Api, owner: models.User, method: str
) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": "ab" * 32}}
    headers = {"authorization": f"Bearer {token(owner)}"}
    if method == "GET":
        parameters = {"extensions": json.dumps(extensions), "operationName": ""}
        answer = await api.client.get("/graphql", params=parameters, headers=headers)
    else:
        answer = await api.client.post("/graphql", json={"extensions": extensions}, headers=headers)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["message"]) == (200, "PersistedQueryNotSupported")
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_SUPPORTED"


async def test_plain_json_clients_get_200_for_operations_that_were_not_executed(api: Api, owner: models.User) -> None:
    answer = await api.post(owner, {"query": "{ nothing }"}, accept=edge.JSON)
    assert (answer.status_code, await code_of(answer)) == (200, "GRAPHQL_VALIDATION_FAILED")


async def test_a_response_does_not_wait_for_the_clients_acknowledgment(api: Api, owner: models.User) -> None:
    """Without TCP_NODELAY, the second response on a connection takes 40 ms."""
    times = [(await api.post(owner, NAME)).elapsed.total_seconds() for _ in range(8)]
    assert min(times[1:]) < 0.03


async def test_browsers_of_listed_origins_are_answered_and_no_others(api: Api) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    listed = await api.client.options("/graphql", headers=asked | {"origin": "https://front.example.com"})
    assert listed.headers["access-control-allow-origin"] == "https://front.example.com"
    other = await api.client.options("/graphql", headers=asked | {"origin": "https://evil.example.com"})
    assert "access-control-allow-origin" not in other.headers


async def test_healthz_and_readyz_report_the_state(api: Api) -> None:
    assert (await api.client.get("/healthz")).json() == {"alive": True}
    answer = await api.client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"], answer.json()["listening"]) == (200, True, True)


async def test_a_token_with_another_secret_or_algorithm_is_refused(api: Api, owner: models.User) -> None:
    whole = token(owner)
    head, claims, signature = whole.split(".")
    none = "eyJhbGciOiJub25lIn0"
    for forged in (f"{none}.{claims}.", f"{none}.{claims}.{signature}", f"{head}.{claims}.", whole[:-2] + "AA"):
        answer = await api.client.post("/graphql", json=NAME, headers={"authorization": f"Bearer {forged}"})
        assert answer.status_code == 401


async def test_a_refused_upload_has_error_codes_too(api: Api) -> None:
    csv = {"content-type": "text/csv"}
    assert (await api.client.post("/uploads", content="a", headers=csv)).status_code == 401
    viewer = await make.member(await make.account(), Role.VIEWER)
    answer = await api.client.post("/uploads", content="a", headers=csv | bearers(token(viewer))[0])
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"]["coordinate"] == "Mutation.bulkImport"


@pytest.fixture
def gateway(db: str) -> Gateway:
    """A gateway with a failing field and a slow one."""
    built = root.build(Coded)

    async def broken(_parent: object, _info: Info, **_given: object) -> None:
        raise ValueError(PERSONAL)

    async def slow(_parent: object, _info: Info, **_given: object) -> None:
        await asyncio.sleep(60)

    assert built.core.query_type is not None
    built.core.query_type.fields["viewer"].resolve = broken
    built.core.query_type.fields["account"].resolve = slow
    shared = Shared(CursorBox((SECRET,)), Live(db), max_operation_seconds=0.2)
    return Gateway(built, settings(db), shared)


async def ask(gateway: Gateway, who: models.User, query: str) -> httpx.Response:
    transport = httpx.ASGITransport(Starlette(routes=[Route("/graphql", gateway)]))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post("/graphql", json={"query": query}, headers=bearers(token(who))[0])


async def test_an_internal_error_is_answered_with_an_id_and_logged_without_data(
    gateway: Gateway, owner: models.User, caplog: pytest.LogCaptureFixture
) -> None:
    (error,) = (await ask(gateway, owner, "{ viewer { id } }")).json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    number = error["message"].rpartition(" ")[2].rstrip(".")
    assert number in caplog.text
    assert "ValueError" in caplog.text
    assert PERSONAL not in caplog.text + error["message"]


async def test_an_operation_that_takes_too_long_is_cancelled(gateway: Gateway, owner: models.User) -> None:
    answer = await ask(gateway, owner, "{ account { id } }")
    assert answer.status_code == 504
    assert await code_of(answer) == "TIMEOUT"


async def test_a_database_that_was_briefly_unavailable_is_used_again(api: Api, db: str, owner: models.User) -> None:
    other = await asyncpg.connect(db)
    await other.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where pid <> pg_backend_pid() and datname = current_database()"
    )
    await other.close()
    async with asyncio.timeout(WAIT_SECONDS):
        while (answer := await api.post(owner, NAME)).status_code != 200:
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    await wait_until_ready(api.client)


async def test_token_expiry_follows_the_clock(api: Api, owner: models.User) -> None:
    soon_over = bearers(token(owner))[0]
    clock.move(timedelta(hours=2))
    assert (await api.client.post("/graphql", json=NAME, headers=soon_over)).status_code == 401


def test_an_app_is_made_of_settings_alone(db: str) -> None:
    paths = {getattr(route, "path", "") for route in create_app(settings(db)).routes}
    assert {"/graphql", "/uploads", "/healthz", "/readyz"} <= paths
    assert run.STOP_SECONDS > 0
