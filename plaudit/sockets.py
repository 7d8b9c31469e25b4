"""Websockets by graphql-transport-ws: held to the protocol, and closed when the token's time is over."""

import asyncio
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler

from models.clock import clock
from plaudit.database import is_transient
from plaudit.edge import MOST_BYTES
from resolvers.context import Context

BAD_REQUEST, UNAUTHORIZED, TRY_AGAIN_LATER = 4400, 4401, 1013


class Handler(BaseGraphQLTransportWSHandler[Context, None]):
    """What is wrong with one operation ends that operation; what is no message of the protocol, the connection."""

    async def handle_message(self, message: Any) -> None:
        if isinstance(message, dict):
            await super().handle_message(message)  # type: ignore[arg-type]
        else:
            await self.handle_invalid_message("A message is an object with a type")

    async def handle_connection_init(self, message: Any) -> None:
        try:
            await super().handle_connection_init(message)
        except Exception as error:
            if not is_transient(error):
                raise
            await self.websocket.close(TRY_AGAIN_LATER, "The database cannot be reached at the moment")

    async def handle_subscribe(self, message: Any) -> None:
        if self.connection_acknowledged:
            if wrong := _what_is_wrong(message):
                await self.handle_invalid_message(wrong)
                return
            most = self.max_subscriptions_per_connection
            if most is not None and len(self.operations) >= most and message["id"] not in self.operations:
                sentence = f"A connection has {most} operations at a time; end one first."
                await self._refuse(message["id"], "RATE_LIMITED", sentence)
                return
            if len(message["payload"]["query"].encode()) > MOST_BYTES:
                sentence = f"An operation has {MOST_BYTES} bytes at most; send lists by POST /uploads."
                await self._refuse(message["id"], "BAD_USER_INPUT", sentence)
                return
        await super().handle_subscribe(message)

    async def _refuse(self, operation: str, code: str, sentence: str) -> None:
        errors: Any = [{"message": sentence, "extensions": {"code": code}}]
        await self.send_message({"id": operation, "type": "error", "payload": errors})

    async def handle_ping(self, message: Any) -> None:
        pong: Any = {"type": "pong"} | ({"payload": message["payload"]} if "payload" in message else {})
        await self.send_message(pong)

    @staticmethod
    def _get_pre_execution_close_reason(error: object) -> None:
        """No reason to close: a document that cannot be read is answered by `error`, as any other mistake."""


def _what_is_wrong(message: dict[str, Any]) -> str | None:
    key, payload = message.get("id"), message.get("payload")
    if not isinstance(key, str) or not key:
        return "subscribe needs an id"
    if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
        return "subscribe needs a payload with a query"
    if not isinstance(payload.get("variables"), dict | None):
        return "variables is an object"
    if not isinstance(payload.get("operationName"), str | None):
        return "operationName is a string"
    return None


class Expiring:
    """The two ends of a websocket, which is closed with 4401 when the time of the token it began with is over."""

    def __init__(self, identify: Any, scope: Scope, receive: Receive, send: Send) -> None:
        self.identify, self.scope, self._receive, self._send = identify, scope, receive, send
        self.expiry: asyncio.Task[None] | None = None
        self.closed = False

    async def end(self) -> None:
        if self.expiry:
            self.expiry.cancel()
            await asyncio.wait([self.expiry])

    async def receive(self) -> Any:
        message = await self._receive()
        if self.expiry is None and message["type"] == "websocket.receive":
            self._watch(message.get("text") or "")
        return message

    def _watch(self, text: str) -> None:
        """Read as the handler reads it: a substring would miss an escaped letter."""
        try:
            said = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        if not isinstance(said, dict) or said.get("type") != "connection_init":
            return
        payload = said.get("payload")
        identity = self.identify(payload.get("authorization")) if isinstance(payload, dict) else None
        if identity is not None:
            seconds = (identity.expires_at - clock.now()).total_seconds()
            self.expiry = asyncio.create_task(self._close_after(seconds))

    async def _close_after(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0))
        await self.send({"type": "websocket.close", "code": UNAUTHORIZED, "reason": "The token's time is over"})

    async def send(self, message: Any) -> None:
        """Nothing after the close."""
        if self.closed:
            return
        self.closed = message["type"] == "websocket.close"
        await self._send(message)
