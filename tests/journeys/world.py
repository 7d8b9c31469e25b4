"""A running Plaudit for the journeys: its URL, its members' tokens, and a relay that records e-mails."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import httpx
import websockets
from websockets.typing import Subprotocol

from tests.delivery.scripted_smtp import ScriptedSmtp

Json = dict[str, Any]
WAIT_SECONDS = 60.0
"""Longer than a worker takes to start beside other work, and then to find what was asked for meanwhile."""
_LINK = re.compile(r"https?://\S+/r/\S+")
_UNSUBSCRIBE = re.compile(r"<(http[^>]+)>")


@dataclass
class World:
    """A Plaudit that tests reach only over HTTP, websockets and mail."""

    url: str
    relay: ScriptedSmtp
    tokens: dict[str, str] = field(default_factory=dict)

    async def ask(self, member: str, document: str, **variables: object) -> Json:
        """The response to an operation."""
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
            response = await client.post(
                "/graphql", json={"query": document, "variables": variables}, headers=self.headers(member)
            )
            answer: Json = response.json()
            return answer

    async def data(self, member: str, document: str, **variables: object) -> Json:
        """The data of an operation; fails on errors."""
        answer = await self.ask(member, document, **variables)
        assert "errors" not in answer, answer
        data: Json = answer["data"]
        return data

    def headers(self, member: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[member]}"}

    async def upload(self, member: str, text: str) -> str:
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
            headers = self.headers(member) | {"Content-Type": "text/csv"}
            response = await client.post("/uploads", content=text.encode(), headers=headers)
            assert response.status_code == 201, response.text
            return str(response.json()["uploadId"])

    async def follow(
        self, member: str, document: str, *, seconds: float = WAIT_SECONDS, **variables: object
    ) -> list[Json]:
        """All events of a subscription until it completes."""
        async with asyncio.timeout(seconds):
            return [event async for event in self.events(member, document, **variables)]

    async def events(self, member: str, document: str, **variables: object) -> AsyncIterator[Json]:
        """Yields the events of a subscription until it completes or fails."""
        address = self.url.replace("http", "ws", 1) + "/graphql"
        protocol = Subprotocol("graphql-transport-ws")
        async with websockets.connect(address, subprotocols=[protocol]) as socket:
            payload = {"authorization": f"Bearer {self.tokens[member]}"}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            await socket.recv()
            request = {"query": document, "variables": variables}
            await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": request}))
            while (message := json.loads(await socket.recv()))["type"] != "complete":
                yield message["payload"]
                if message["type"] == "error":
                    break

    async def mail_to(self, address: str, number: int = 1) -> EmailMessage:
        """Waits until this many e-mails to the address have arrived, and returns the newest."""
        async with asyncio.timeout(WAIT_SECONDS):
            while len(found := self.mails(address)) < number:
                await asyncio.sleep(0.02)
        return found[-1]

    def mails(self, address: str) -> list[EmailMessage]:
        to = f"To: {address}\r\n".encode(), f"<{address}>\r\n".encode()
        found = [raw for raw in self.relay.accepted if any(form in raw for form in to)]
        return [message_from_bytes(raw, policy=default) for raw in found]


def review_link(mail: EmailMessage) -> str:
    """The link to the review page."""
    text = mail.get_body(("plain",))
    assert text is not None
    found = _LINK.search(text.get_content())
    assert found is not None
    return found[0]


def unsubscribe_link(mail: EmailMessage) -> str:
    found = _UNSUBSCRIBE.search(str(mail["List-Unsubscribe"]))
    assert found is not None
    return found[1]
