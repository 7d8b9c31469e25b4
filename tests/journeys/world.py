"""A running Plaudit for the journeys: a gateway and a worker on real sockets, a relay that keeps what it is given, a
business."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import httpx
import websockets
from websockets.typing import Subprotocol

from plaudit import run as running
from plaudit.app import create_app
from plaudit.settings import Settings
from plaudit.worker import worker_parts
from tests.delivery.scripted_smtp import ScriptedSmtp

Json = dict[str, Any]
WAIT_SECONDS = 15.0
_LINK = re.compile(r"https?://\S+/r/\S+")
_UNSUBSCRIBE = re.compile(r"<(http[^>]+)>")


@dataclass
class World:
    """Spoken to by HTTP alone."""

    url: str
    relay: ScriptedSmtp
    tokens: dict[str, str] = field(default_factory=dict)

    async def ask(self, who: str, document: str, **variables: object) -> Json:
        """The whole answer of an operation."""
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
            response = await client.post(
                "/graphql", json={"query": document, "variables": variables}, headers=self.headers(who)
            )
            answer: Json = response.json()
            return answer

    async def data(self, who: str, document: str, **variables: object) -> Json:
        """The data of an operation that has no errors."""
        answer = await self.ask(who, document, **variables)
        assert "errors" not in answer, answer
        data: Json = answer["data"]
        return data

    def headers(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}"}

    async def upload(self, who: str, text: str) -> str:
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
            headers = self.headers(who) | {"Content-Type": "text/csv"}
            response = await client.post("/uploads", content=text.encode(), headers=headers)
            assert response.status_code == 201, response.text
            return str(response.json()["uploadId"])

    async def follow(self, who: str, document: str, **variables: object) -> list[Json]:
        """All events of a subscription until it completes."""
        address = self.url.replace("http", "ws", 1) + "/graphql"
        protocol = Subprotocol("graphql-transport-ws")
        events: list[Json] = []
        async with asyncio.timeout(WAIT_SECONDS), websockets.connect(address, subprotocols=[protocol]) as socket:
            payload = {"authorization": f"Bearer {self.tokens[who]}"}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            await socket.recv()
            request = {"query": document, "variables": variables}
            await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": request}))
            while (message := json.loads(await socket.recv()))["type"] != "complete":
                events.append(message["payload"])
                if message["type"] == "error":
                    break
        return events

    async def mail_to(self, address: str, number: int = 1) -> EmailMessage:
        """The newest mail to this address, once so many have come."""
        async with asyncio.timeout(WAIT_SECONDS):
            while len(found := self.mails(address)) < number:
                await asyncio.sleep(0.02)
        return found[-1]

    def mails(self, address: str) -> list[EmailMessage]:
        to = f"To: {address}\r\n".encode(), f"<{address}>\r\n".encode()
        raw = [one for one in self.relay.accepted if any(form in one for form in to)]
        return [message_from_bytes(one, policy=default) for one in raw]


def review_link(mail: EmailMessage) -> str:
    """The address that the person is asked to open."""
    text = mail.get_body(("plain",))
    assert text is not None
    found = _LINK.search(text.get_content())
    assert found is not None
    return found[0]


def unsubscribe_link(mail: EmailMessage) -> str:
    found = _UNSUBSCRIBE.search(str(mail["List-Unsubscribe"]))
    assert found is not None
    return found[1]


@asynccontextmanager
async def world(database_url: str, secret: str) -> AsyncIterator[World]:
    """Everything up; down again at the end."""
    async with ScriptedSmtp().running() as relay:
        socket = running.listening("127.0.0.1", 0)
        url = f"http://127.0.0.1:{socket.getsockname()[1]}"
        settings = Settings(
            database_url=database_url,
            secret=(secret,),
            jwt_secret=secret,
            base_url=url,
            smtp_url=f"smtp://127.0.0.1:{relay.port}?tls=none",
            buy_more_url="https://example.com/buy",
        )
        stop = asyncio.Event()
        parts = [running.gateway(create_app(settings), socket), *worker_parts(settings)]
        up = asyncio.create_task(running.run(parts, stop))
        try:
            await _ready(url)
            yield World(url, relay)
        finally:
            stop.set()
            await asyncio.wait_for(up, WAIT_SECONDS)


async def _ready(url: str) -> None:
    async with asyncio.timeout(WAIT_SECONDS), httpx.AsyncClient(base_url=url) as client:
        while True:
            with suppress(httpx.TransportError):
                if (await client.get("/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.05)
