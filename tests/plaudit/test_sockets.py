"""Websockets: the protocol's close codes; an invalid operation ends only that operation."""

import asyncio
from datetime import timedelta

import pytest
import websockets

from models.rules import ids
from models.rules.enums import BulkImportState
from plaudit.edge import MAX_BYTES
from plaudit.graphql import MAX_SUBSCRIPTIONS
from tests import factories as make
from tests.gateway import Api, closing_code, receive, send, subscribe, token
from tests.resolvers.test_progress import FOLLOW, advance, begun

NAME = "{ account { name } }"


async def test_a_query_on_a_websocket_is_answered_and_completed(api: Api) -> None:
    account = await make.account()
    async with api.connected(await make.member(account)) as socket:
        for key in ("1", "2"):
            await subscribe(socket, NAME, key)
            payload = {"data": {"account": {"name": account.name}}}
            assert await receive(socket) == {"id": key, "type": "next", "payload": payload}
            assert await receive(socket) == {"id": key, "type": "complete"}


@pytest.mark.parametrize(
    "given",
    [{"payload": payload} for payload in ({}, {"authorization": "Bearer x"}, {"authorization": 5}, None)] + [{}],
)
async def test_a_refused_connection_init_closes_with_4403(api: Api, given: dict[str, object]) -> None:
    async with api.socket() as socket:
        await send(socket, type="connection_init", **given)
        assert await closing_code(socket) == 4403


@pytest.mark.parametrize("payload", [[], 5, "x"])
async def test_an_init_whose_payload_is_no_object_closes_with_4400(api: Api, payload: object) -> None:
    async with api.socket() as socket:
        await send(socket, type="connection_init", payload=payload)
        assert await closing_code(socket) == 4400


async def test_an_id_in_use_closes_with_4409_and_is_free_once_its_operation_is_complete(api: Api) -> None:
    account, key, row = await begun()
    async with api.connected(await make.member(account)) as socket:
        await subscribe(socket, FOLLOW, id=key)
        await receive(socket)
        await send(socket, type="complete", id="1")
        await subscribe(socket, FOLLOW, id=key)
        assert (await receive(socket))["payload"]["data"]["importProgress"]["state"] == "RUNNING"
        await advance(row, state=BulkImportState.COMPLETED)
        assert [(await receive(socket))["type"] for _ in range(2)] == ["next", "complete"]
        await subscribe(socket, "{")
        assert (await receive(socket))["type"] == "error"
        running = await make.bulk_import(await make.location(account))
        await subscribe(socket, FOLLOW, id=ids.public_id(ids.BULK_IMPORT, running))
        await receive(socket)
        await subscribe(socket, NAME)
        assert await closing_code(socket) == 4409


async def test_a_token_that_matches_no_member_closes_with_4403(api: Api) -> None:
    user = await make.member(await make.account())
    user.subject = "nobody"
    async with api.socket() as socket:
        await send(socket, type="connection_init", payload={"authorization": f"Bearer {token(user)}"})
        assert await closing_code(socket) == 4403


async def test_a_subscribe_before_the_init_closes_with_4401(api: Api) -> None:
    async with api.socket() as socket:
        await subscribe(socket, NAME)
        assert await closing_code(socket) == 4401


@pytest.mark.long
async def test_a_connection_without_an_init_is_closed_after_ten_seconds(api: Api) -> None:
    async with api.socket() as socket:
        assert await closing_code(socket) == 4408


@pytest.mark.parametrize(
    "message",
    [
        "[]",
        "5",
        "no json",
        '{"type": "unknown"}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ x }"}}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 5}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ x }", "variables": "x"}}',
        '{"type": "ping", "payload": "x"}',
        '{"type": "pong", "payload": []}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ x }", "operationName": 1}}',
    ],
)
async def test_an_invalid_message_closes_with_4400(api: Api, message: str) -> None:
    async with api.connected(await make.member(await make.account())) as socket:
        await socket.send(message)
        assert await closing_code(socket) == 4400


@pytest.mark.parametrize(
    ("document", "code"),
    [("{", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED")],
)
async def test_an_invalid_document_is_answered_and_the_connection_stays_open(
    api: Api, document: str, code: str
) -> None:
    async with api.connected(await make.member(await make.account())) as socket:
        await subscribe(socket, document)
        answer = await receive(socket)
        assert (answer["type"], answer["payload"][0]["extensions"]["code"]) == ("error", code)
        await subscribe(socket, NAME, "2")
        assert (await receive(socket))["type"] == "next"


async def test_wrong_variables_are_bad_user_input_without_data(api: Api) -> None:
    async with api.connected(await make.member(await make.account())) as socket:
        await subscribe(socket, "query ($id: ID!) { node(id: $id) { id } }")
        (refused, end) = await receive(socket), await receive(socket)
        assert (refused["type"], end["type"], set(refused["payload"])) == ("next", "complete", {"errors"})
        assert refused["payload"]["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
        await subscribe(socket, FOLLOW)
        refused = await receive(socket)
        assert (refused["type"], refused["payload"][0]["extensions"]) == ("error", {"code": "BAD_USER_INPUT"})


@pytest.mark.parametrize(
    "request_without_operation",
    [{"query": "fragment F on Query { __typename }"}, {"query": NAME, "operationName": "Other"}],
)
async def test_a_request_without_an_operation_is_refused_in_the_words_of_http(
    api: Api, request_without_operation: dict[str, str]
) -> None:
    owner = await make.member(await make.account())
    expected = (await api.post(owner, request_without_operation)).json()["errors"]
    assert "no operation" in expected[0]["message"]
    async with api.connected(owner) as socket:
        await send(socket, type="subscribe", id="1", payload=request_without_operation)
        assert await receive(socket) == {"id": "1", "type": "error", "payload": expected}
        await subscribe(socket, "")
        assert (await receive(socket))["payload"][0]["message"] == "The query is empty."


async def test_a_ping_is_answered_with_its_payload(api: Api) -> None:
    async with api.connected(await make.member(await make.account())) as socket:
        await send(socket, type="ping", payload={"x": 1})
        assert await receive(socket) == {"type": "pong", "payload": {"x": 1}}
        for payload in ({}, {"payload": None}):
            await send(socket, type="ping", **payload)
            assert await receive(socket) == {"type": "pong"}


async def test_the_number_of_operations_per_connection_is_limited(api: Api) -> None:
    account, key, _ = await begun()
    async with api.connected(await make.member(account)) as socket:
        for number in range(MAX_SUBSCRIPTIONS):
            await subscribe(socket, FOLLOW, str(number), id=key)
            assert (await receive(socket))["type"] == "next"
        await subscribe(socket, FOLLOW, "one more", id=key)
        answer = await receive(socket)
        assert (answer["id"], answer["type"]) == ("one more", "error")
        assert answer["payload"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_another_protocol_and_another_origin_are_refused(api: Api) -> None:
    async with asyncio.timeout(10), websockets.connect(api.socket_url) as socket:
        assert await closing_code(socket) == 4406
    with pytest.raises(websockets.InvalidStatus):
        async with api.socket(origin="https://evil.example.com"):
            pass
    async with api.socket(origin="https://front.example.com"):
        pass


async def test_an_operation_has_the_same_size_limit_as_over_http(api: Api) -> None:
    async with api.connected(await make.member(await make.account())) as socket:
        await subscribe(socket, f"{NAME} #".ljust(MAX_BYTES, "x"))
        assert [(await receive(socket))["type"] for _ in range(2)] == ["next", "complete"]
        await subscribe(socket, f"{NAME} #".ljust(MAX_BYTES + 1, "x"), "2")
        answer = await receive(socket)
        assert (answer["id"], answer["type"]) == ("2", "error")
        assert answer["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_longer_message_closes_the_connection(api: Api) -> None:
    async with api.connected(await make.member(await make.account())) as socket:
        await subscribe(socket, NAME, variables="x" * (MAX_BYTES + 5_000))
        assert await closing_code(socket) == 1009


async def test_an_init_with_escaped_letters_is_closed_when_its_token_expires(api: Api) -> None:
    user = await make.member(await make.account())
    async with api.socket() as socket:
        said = '{"type": "connection\\u005finit", "payload": {"authorization": "Bearer %s"}}'
        await socket.send(said % token(user, lifetime=timedelta(seconds=2)))
        assert (await receive(socket))["type"] == "connection_ack"
        assert await closing_code(socket) == 4401
