"""Exceptions on any route and on websockets: answered with an id, and logged under it without values."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest
import websockets
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from strawberry.extensions import SchemaExtension

import models
from plaudit.graphql import Gateway
from plaudit.masking import Coded
from resolvers.context import Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from schema import root
from tests import factories as make
from tests.gateway import SECRET, Api, receive, running, serving, settings, subscribe

PERSONAL = "ann@example.com"


@pytest.fixture(autouse=True)
def nothing_personal_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """By the gateway, the server or a library; exc_info would be written with the exception's message."""
    yield
    lines = [record.getMessage() for record in caplog.get_records("call")]
    assert lines
    assert not [line for line in lines if PERSONAL in line]
    assert not [record for record in caplog.get_records("call") if record.exc_info]


async def broken(_request: Request) -> Response:
    raise ValueError(PERSONAL)


async def broken_halfway(_request: Request) -> Response:
    async def body() -> AsyncIterator[bytes]:
        yield b"a"
        raise ValueError(PERSONAL)

    return StreamingResponse(body(), headers={"content-length": "2"})


async def without_database(_request: Request) -> Response:
    raise asyncpg.ConnectionDoesNotExistError(PERSONAL)


async def with_slow_database(_request: Request) -> Response:
    raise asyncpg.QueryCanceledError(PERSONAL)


async def broken_socket(socket: WebSocket) -> None:
    await socket.accept()
    raise ValueError(PERSONAL)


async def broken_handshake(_socket: WebSocket) -> None:
    raise ValueError(PERSONAL)


@pytest.fixture(scope="module")
async def breaking(db: str) -> AsyncIterator[Api]:
    routes = [
        Route("/broken", broken, methods=["GET", "POST"]),
        Route("/broken-halfway", broken_halfway),
        Route("/without-database", without_database),
        Route("/with-slow-database", with_slow_database),
        WebSocketRoute("/broken-socket", broken_socket),
        WebSocketRoute("/broken-handshake", broken_handshake),
    ]
    async with running(settings(db), *routes) as api:
        yield api


def id_in(text: str) -> str:
    (found,) = re.findall(r"\b[0-9a-f]{12}\b", text)
    return str(found)


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
async def test_an_exception_is_answered_with_500_and_its_id(
    breaking: Api, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await breaking.client.request(method, "/broken")
    assert answer.status_code == 500
    if method != "HEAD":
        (error,) = answer.json()["errors"]
        assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
        assert id_in(error["message"]) in caplog.text


@pytest.mark.parametrize("path", ["/without-database", "/with-slow-database"])
async def test_a_database_that_is_lost_or_slow_is_answered_with_503(breaking: Api, path: str) -> None:
    answer = await breaking.client.get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_a_response_that_has_begun_is_broken_off(breaking: Api) -> None:
    # Whatever the client makes of a body that ends too early.
    with pytest.raises(Exception, match=r"peer closed|incomplete"):
        await breaking.client.get("/broken-halfway")


async def test_an_exception_closes_a_websocket_with_1011_and_its_id(
    breaking: Api, caplog: pytest.LogCaptureFixture
) -> None:
    url = breaking.socket_url.replace("/graphql", "/broken-socket")
    async with asyncio.timeout(10), websockets.connect(url) as socket:
        await socket.wait_closed()
        assert socket.close_code == 1011
        assert id_in(socket.close_reason or "") in caplog.text


async def test_an_exception_before_the_handshake_refuses_it(breaking: Api) -> None:
    url = breaking.socket_url.replace("/graphql", "/broken-handshake")
    with pytest.raises(websockets.InvalidStatus):
        async with asyncio.timeout(10), websockets.connect(url):
            pass


class Breaking(SchemaExtension):
    """Raises where the library does not expect it."""

    hook = ""

    def on_operation(self) -> Iterator[None]:
        self.fail("on_operation")
        yield

    def on_parse(self) -> Iterator[None]:
        self.fail("on_parse")
        yield

    def on_validate(self) -> Iterator[None]:
        self.fail("on_validate")
        yield

    def on_execute(self) -> Iterator[None]:
        self.fail("on_execute")
        yield

    def fail(self, hook: str) -> None:
        if hook == type(self).hook:
            raise ValueError(PERSONAL)


@pytest.fixture
async def owner(db: str) -> models.User:
    return await make.member(await make.account())


@pytest.mark.parametrize("hook", ["on_operation", "on_parse", "on_validate", "on_execute"])
async def test_an_exception_around_an_operation_is_answered_with_its_id(
    db: str, owner: models.User, hook: str, caplog: pytest.LogCaptureFixture
) -> None:
    extension = type("BreakingHook", (Breaking,), {"hook": hook})
    shared = Shared(CursorBox((SECRET,)), Live(db))
    gateway = Gateway(root.build(Coded, extension), settings(db), shared)
    app = Starlette(routes=[Route("/graphql", gateway), WebSocketRoute("/graphql", gateway)])
    async with serving(app) as api, api.connected(owner) as socket:
        answer = await api.post(owner, {"query": "{ account { name } }"})
        await subscribe(socket, "{ account { name } }")
        message = await receive(socket)
    assert answer.status_code == 500
    assert message["type"] == "error"
    for errors in (answer.json()["errors"], message["payload"]):
        assert [error["extensions"] for error in errors] == [{"code": "INTERNAL_SERVER_ERROR"}]
        assert id_in(errors[0]["message"]) in caplog.text
        assert PERSONAL not in json.dumps(errors)


async def test_a_task_that_nobody_awaits_is_logged_without_values(breaking: Api) -> None:
    async def fail() -> None:
        raise ValueError(PERSONAL)

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    context: Any = {"message": "Task exception was never retrieved", "exception": task.exception(), "task": task}
    asyncio.get_running_loop().call_exception_handler(context)


async def test_no_library_logs_an_exception_by_its_words(breaking: Api, caplog: pytest.LogCaptureFixture) -> None:
    await breaking.client.get("/broken")
    assert {record.name for record in caplog.records if record.levelno >= logging.ERROR} == {"plaudit.masking"}
