"""A gateway on a real socket, and whoever asks it: by HTTP, or on a websocket."""

import asyncio
import json
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
import websockets
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

import models
from models.rules.enums import AccountKind
from plaudit import auth, run
from plaudit.app import create_app
from plaudit.settings import Settings, checked
from tests import factories as make

SECRET = "3b9f02d57ac8e614f0719d2bc4a65e83"
WAIT_SECONDS = 15.0
LIMITS = httpx.Limits(keepalive_expiry=2)
"""Idle connections are closed before the gateway stops."""
Json = dict[str, Any]


def token(user: models.User, **given: Any) -> str:
    lifetime = given.pop("lifetime", timedelta(hours=1))
    return auth.issue(SECRET, user.subject, issuer=user.issuer, lifetime=lifetime, **given)


_OURS = re.compile(r"\b(?:acc|agy|loc|cus|inv|msg|evt|rev|imp|upl|usr)_[0-9a-f]{32}\b|\b[a-z]{1,20}-\d+-[0-9a-f]{6}\b")
"""Public ids, and the names that `tests/factories.py` gives: what of an answer belongs to one tenant alone."""


@dataclass
class Api:
    """Asks as a member; `ask` gives the whole answer, `data` that of an operation without errors.

    `heard`: every operation of the suite with what it answered of its tenant; see `nothing_of_it_for_others`.
    """

    client: httpx.AsyncClient
    socket_url: str
    heard: dict[str, set[str]] = field(default_factory=dict)

    async def ask(self, who: models.User, document: str, **variables: object) -> Json:
        body = {"query": document, "variables": variables}
        answer = await self.post(who, body)
        asked = json.dumps(body, default=str)
        self.heard.setdefault(asked, set()).update(set(_OURS.findall(answer.text)) - set(_OURS.findall(asked)))
        return dict(answer.json())

    async def nothing_of_it_for_others(self, stranger: models.User) -> None:
        """Every operation that any test asked, asked once more by a member of another account: of what the first one was
        told nothing may come."""
        for asked, told in [(asked, told) for asked, told in self.heard.items() if told]:
            headers = {"authorization": f"Bearer {token(stranger)}", "content-type": "application/json"}
            answer = await self.client.post("/graphql", content=asked, headers=headers)
            assert not told & set(_OURS.findall(answer.text)), asked

    async def post(self, who: models.User | None, body: object, **headers: str) -> httpx.Response:
        wanted = {"authorization": f"Bearer {token(who)}"} if who else {}
        return await self.client.post("/graphql", json=body, headers=wanted | headers)

    async def data(self, who: models.User, document: str, **variables: object) -> Json:
        answer = await self.ask(who, document, **variables)
        assert "errors" not in answer, answer
        return dict(answer["data"])

    @asynccontextmanager
    async def socket(self, **given: Any) -> AsyncIterator[ClientConnection]:
        protocol = Subprotocol("graphql-transport-ws")
        async with (
            asyncio.timeout(WAIT_SECONDS),
            websockets.connect(self.socket_url, subprotocols=[protocol], **given) as socket,
        ):
            yield socket

    @asynccontextmanager
    async def greeted(self, who: models.User, **given: Any) -> AsyncIterator[ClientConnection]:
        """A websocket whose connection_init was acknowledged."""
        async with self.socket() as socket:
            await send(socket, type="connection_init", payload={"authorization": f"Bearer {token(who, **given)}"})
            assert (await receive(socket))["type"] == "connection_ack"
            yield socket


async def send(socket: ClientConnection, **message: object) -> None:
    await socket.send(json.dumps(message))


async def receive(socket: ClientConnection) -> Json:
    return dict(json.loads(await socket.recv()))


async def subscribe(socket: ClientConnection, document: str, key: str = "1", **variables: object) -> None:
    await send(socket, type="subscribe", id=key, payload={"query": document, "variables": variables})


async def closing_code(socket: ClientConnection) -> int | None:
    """The code with which the gateway closes."""
    await socket.wait_closed()
    return socket.close_code


def settings(database_url: str, **given: Any) -> Settings:
    usual = {
        "env": "development",
        "database_url": database_url,
        "secret": SECRET,
        "jwt_secret": SECRET,
        "buy_more_url": "https://example.com/buy",
    }
    return checked(usual | given)


@pytest.fixture(scope="session")
async def api(db: str) -> AsyncIterator[Api]:
    async with running(settings(db, allowed_origins=("https://front.example.com",))) as made:
        yield made
        agency = await make.account(kind=AccountKind.AGENCY)
        await make.invited(await make.location(agency))
        await made.nothing_of_it_for_others(await make.member(agency))


@asynccontextmanager
async def running(by: Settings) -> AsyncIterator[Api]:
    """A gateway with these settings."""
    listening = run.listening("127.0.0.1", 0)
    address = f"127.0.0.1:{listening.getsockname()[1]}"
    stop = asyncio.Event()
    up = asyncio.create_task(run.run([run.gateway(create_app(by), listening)], stop))
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=WAIT_SECONDS, limits=LIMITS) as client:
        await ready(client)
        yield Api(client, f"ws://{address}/graphql")
    stop.set()
    await asyncio.wait_for(up, WAIT_SECONDS)


@pytest.fixture(scope="session")
async def walled(db: str) -> AsyncIterator[Api]:
    """A gateway on the same database, behind row-level security: in a process of its own, as roles are a process's."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    environment = {
        "PATH": os.environ["PATH"],
        "PLAUDIT_ENV": "development",
        "PLAUDIT_DATABASE_URL": db,
        "PLAUDIT_SECRET": SECRET,
        "PLAUDIT_JWT_SECRET": SECRET,
        "PLAUDIT_BUY_MORE_URL": "https://example.com/buy",
        "PLAUDIT_ROW_SECURITY": "on",
    }
    command = (sys.executable, "-m", "plaudit", "serve", "--port", address.rpartition(":")[2])
    serving = await asyncio.create_subprocess_exec(*command, env=environment)
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=WAIT_SECONDS, limits=LIMITS) as client:
        await ready(client)
        yield Api(client, f"ws://{address}/graphql")
    serving.terminate()
    await asyncio.wait_for(serving.wait(), WAIT_SECONDS)


async def ready(client: httpx.AsyncClient) -> None:
    """Until /readyz says so; tells what it said where it never does."""
    said = "nothing"
    for _ in range(300):
        with suppress(httpx.TransportError):
            answer = await client.get("/readyz")
            if answer.status_code == 200:
                return
            said = answer.text
        await asyncio.sleep(0.05)
    raise TimeoutError(said)
