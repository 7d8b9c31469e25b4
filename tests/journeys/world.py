"""A running Plaudit for the journeys: its URL, tokens, and a relay that records mails."""

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
WAIT_SECONDS = 15.0
_LINK = re.compile(r"https?://\S+/r/\S+")
_UNSUBSCRIBE = re.compile(r"<(http[^>]+)>")


@dataclass
class World:
    """A Plaudit that tests reach only over HTTP, websockets and mail."""

    url: str
    relay: ScriptedSmtp
    tokens: dict[str, str] = field(default_factory=dict)

    async def ask(self, who: str, document: str, **variables: object) -> Json:
        """The whole response of an operation."""
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
            response = await client.post(
                "/graphql", json={"query": document, "variables": variables}, headers=self.headers(who)
            )
            answer: Json = response.json()
            return answer

    async def data(self, who: str, document: str, **variables: object) -> Json:
        """The data of an operation without errors."""
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

    async def follow(
        self, who: str, document: str, *, seconds: float = WAIT_SECONDS, **variables: object
    ) -> list[Json]:
        """All events of a subscription until it completes."""
        async with asyncio.timeout(seconds):
            return [event async for event in self.events(who, document, **variables)]

    async def events(self, who: str, document: str, **variables: object) -> AsyncIterator[Json]:
        """The events of a subscription as they come, until it completes or fails."""
        address = self.url.replace("http", "ws", 1) + "/graphql"
        protocol = Subprotocol("graphql-transport-ws")
        async with websockets.connect(address, subprotocols=[protocol]) as socket:
            payload = {"authorization": f"Bearer {self.tokens[who]}"}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            await socket.recv()
            request = {"query": document, "variables": variables}
            await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": request}))
            while (message := json.loads(await socket.recv()))["type"] != "complete":
                yield message["payload"]
                if message["type"] == "error":
                    break

    async def mail_to(self, address: str, number: int = 1) -> EmailMessage:
        """The newest mail to this address, once this many have arrived."""
        async with asyncio.timeout(WAIT_SECONDS):
            while len(found := self.mails(address)) < number:
                await asyncio.sleep(0.02)
        return found[-1]

    def mails(self, address: str) -> list[EmailMessage]:
        to = f"To: {address}\r\n".encode(), f"<{address}>\r\n".encode()
        raw = [one for one in self.relay.accepted if any(form in one for form in to)]
        return [message_from_bytes(one, policy=default) for one in raw]


def review_link(mail: EmailMessage) -> str:
    """The link that the person is asked to open."""
    text = mail.get_body(("plain",))
    assert text is not None
    found = _LINK.search(text.get_content())
    assert found is not None
    return found[0]


def unsubscribe_link(mail: EmailMessage) -> str:
    found = _UNSUBSCRIBE.search(str(mail["List-Unsubscribe"]))
    assert found is not None
    return found[1]
