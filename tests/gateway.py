"""A gateway on a real socket, and a client that talks to it over HTTP and websockets."""

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
from starlette.applications import Starlette
from starlette.routing import BaseRoute
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
"""The client closes idle connections before the gateway stops."""
Json = dict[str, Any]


def token(user: models.User, **given: Any) -> str:
    lifetime = given.pop("lifetime", timedelta(hours=1))
    return auth.issue(SECRET, user.subject, issuer=user.issuer, lifetime=lifetime, **given)


_TENANT_DATA = re.compile(
    r"\b(?:acc|agy|loc|cus|inv|msg|evt|rev|imp|upl|usr)_[0-9a-f]{32}\b|\b[a-z]{1,20}-\d+-[0-9a-f]{6}\b"
)
"""Public ids, and the names that `tests/factories.py` generates; each belongs to one tenant."""


@dataclass
class Api:
    """Sends operations as a member. `ask` returns the whole response, `data` its data after asserting no errors.

    `answered` records every operation of the suite with the tenant data in its responses; see `replay_as`. `socket_seconds` limits
    how long a websocket is used.
    """

    client: httpx.AsyncClient
    socket_url: str
    answered: dict[str, set[str]] = field(default_factory=dict)
    socket_seconds: float = WAIT_SECONDS

    async def ask(self, who: models.User, document: str, **variables: object) -> Json:
        body = {"query": document, "variables": variables}
        answer = await self.post(who, body)
        sent = json.dumps(body, default=str)
        data = set(_TENANT_DATA.findall(answer.text)) - set(_TENANT_DATA.findall(sent))
        self.answered.setdefault(sent, set()).update(data)
        return dict(answer.json())

    async def replay_as(self, stranger: models.User) -> None:
        """Repeats every operation of the suite as a member of another account, and asserts that none of the data in the
        original responses is returned."""
        for sent, data in [(sent, data) for sent, data in self.answered.items() if data]:
            headers = {"authorization": f"Bearer {token(stranger)}", "content-type": "application/json"}
            answer = await self.client.post("/graphql", content=sent, headers=headers)
            assert not data & set(_TENANT_DATA.findall(answer.text)), sent

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
            asyncio.timeout(self.socket_seconds),
            websockets.connect(self.socket_url, subprotocols=[protocol], **given) as socket,
        ):
            yield socket

    @asynccontextmanager
    async def connected(self, who: models.User, **given: Any) -> AsyncIterator[ClientConnection]:
        """An authenticated websocket: its connection_init is acknowledged."""
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
    """Waits until the gateway closes the socket; its close code."""
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
        await made.replay_as(await make.member(agency))


@pytest.fixture(scope="session")
async def interpreting_api(db: str) -> AsyncIterator[Api]:
    """A gateway that does not compile queries."""
    async with running(settings(db, compile_queries=False)) as made:
        yield made


@asynccontextmanager
async def running(by: Settings, *further: BaseRoute) -> AsyncIterator[Api]:
    """Runs a gateway with these settings, and these further routes."""
    async with serving(create_app(by, further)) as api:
        await wait_until_ready(api.client)
        yield api


@asynccontextmanager
async def serving(app: Starlette, port: int = 0) -> AsyncIterator[Api]:
    """Serves the app on a real socket, of any free port if none is given."""
    listening = run.listening("127.0.0.1", port)
    address = f"127.0.0.1:{listening.getsockname()[1]}"
    stop = asyncio.Event()
    up = asyncio.create_task(run.run([run.gateway(app, listening)], stop))
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=WAIT_SECONDS, limits=LIMITS) as client:
        yield Api(client, f"ws://{address}/graphql")
    stop.set()
    await asyncio.wait_for(up, WAIT_SECONDS)


@pytest.fixture(scope="session")
async def row_security_api(db: str) -> AsyncIterator[Api]:
    """A gateway with row-level security on the same database, in its own process because roles are set per process."""
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
        await wait_until_ready(client)
        yield Api(client, f"ws://{address}/graphql")
    serving.terminate()
    await asyncio.wait_for(serving.wait(), WAIT_SECONDS)


async def wait_until_ready(client: httpx.AsyncClient) -> None:
    """Waits until /readyz answers 200; raises TimeoutError with its last answer otherwise."""
    last = "no answer"
    for _ in range(300):
        with suppress(httpx.TransportError):
            answer = await client.get("/readyz")
            if answer.status_code == 200:
                return
            last = answer.text
        await asyncio.sleep(0.05)
    raise TimeoutError(last)
