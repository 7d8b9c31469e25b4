"""The demo refuses requests for other hosts."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocket

from demo.own_host import OwnHostOnly


async def secret(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("secret")


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("secret")
    await websocket.close()


def app(port: int = 8000) -> Starlette:
    application = Starlette(routes=[Route("/", secret), WebSocketRoute("/socket", socket)])
    application.add_middleware(OwnHostOnly, port=port)
    return application


async def get(host: str, port: int = 8000) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app(port)), base_url="http://any") as client:
        return await client.get("/", headers={"host": host})


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST:8000", "[::1]:8000"])
async def test_local_host_names_with_the_demos_port_are_accepted(host: str) -> None:
    assert (await get(host)).text == "secret"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8000",
        "127.0.0.1",
        "localhost",
        "127.0.0.1:8001",
        "localhost.evil.example:8000",
        "127.0.0.1:8000@evil",
        "",
    ],
)
async def test_any_other_host_is_refused_as_misdirected(host: str) -> None:
    answer = await get(host)
    assert (answer.status_code, answer.text) == (421, "This demo answers only at http://127.0.0.1:8000.")


async def test_the_default_port_can_be_omitted() -> None:
    assert (await get("localhost", 80)).text == "secret"


@pytest.mark.parametrize(
    ("host", "first"), [("localhost:8000", "websocket.accept"), ("evil.example:8000", "websocket.close")]
)
async def test_a_websocket_for_another_host_is_refused(host: str, first: str) -> None:
    sent: list[str] = []

    async def send(message: Message) -> None:
        sent.append(message["type"])

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    scope = {"type": "websocket", "path": "/socket", "headers": [(b"host", host.encode())], "query_string": b""}
    await app()(scope, receive, send)
    assert sent[0] == first
    assert ("websocket.send" in sent) is (first == "websocket.accept")
