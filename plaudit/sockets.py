"""Websockets with graphql-transport-ws, closed when the token expires."""

import asyncio
from contextlib import aclosing, suppress
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.types import Receive, Scope, Send
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation

from models.clock import clock
from models.faults import is_transient
from plaudit.edge import MAX_BYTES, AnswerTooLargeError
from plaudit.masking import report, sentence_of
from resolvers.context import Context
from resolvers.errors import EXPIRED
from schema.documents import too_many_lines
from schema.pace import request_arrived

UNAUTHORIZED, FORBIDDEN, TRY_AGAIN_LATER = 4401, 4403, 1013
MAX_REASON_BYTES = 123


class Handler(BaseGraphQLTransportWSHandler[Context, None]):
    """An invalid operation ends only that operation; an invalid message closes the connection."""

    async def handle_message(self, message: Any) -> None:
        if not isinstance(message, dict):
            await self.handle_invalid_message("A message is an object with a type")
        elif not isinstance(message.get("id", ""), str):
            await self.handle_invalid_message("id is a string")
        elif message.get("type") in ("ping", "pong") and not isinstance(message.get("payload"), dict | None):
            await self.handle_invalid_message("The payload of a ping or pong is an object")
        else:
            await super().handle_message(message)  # type: ignore[arg-type]

    async def handle_connection_init(self, message: Any) -> None:
        """Without a payload, as with one that is null, there is no token."""
        if message.get("payload") is None:
            message = {"type": message["type"]}
        try:
            await super().handle_connection_init(message)
        except GraphQLError as refused:
            await self.websocket.close(FORBIDDEN, refused.message)
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
                sentence = f"A connection can run at most {most} operations at a time; end one first."
                await self._refuse(message["id"], "RATE_LIMITED", sentence)
                return
            query = message["payload"]["query"]
            if len(query.encode()) > MAX_BYTES:
                sentence = f"An operation can have at most {MAX_BYTES} bytes; upload lists with POST /uploads."
                await self._refuse(message["id"], "BAD_USER_INPUT", sentence)
                return
            if too_long := too_many_lines(query):
                await self._refuse(message["id"], "QUERY_TOO_COSTLY", too_long)
                return
        await super().handle_subscribe(message)

    async def _refuse(self, operation: str, code: str, sentence: str) -> None:
        errors: Any = [{"message": sentence, "extensions": {"code": code}}]
        await self.send_message({"id": operation, "type": "error", "payload": errors})

    async def handle_ping(self, message: Any) -> None:
        payload = message.get("payload")
        pong: Any = {"type": "pong"} if payload is None else {"type": "pong", "payload": payload}
        try:
            await self.send_message(pong)
        except orjson.JSONEncodeError:
            await self.handle_invalid_message("The payload of a ping is nested too deeply")

    async def send_message(self, message: Any) -> None:
        if message["type"] == "next" and _was_refused(message["payload"]):
            del message["payload"]["data"]
        try:
            await super().send_message(message)
        except AnswerTooLargeError as refused:
            errors = [{"message": refused.sentence, "extensions": {"code": refused.code}}]
            await super().send_message(message | {"payload": {"data": None, "errors": errors}})

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Runs an operation; logs unhandled errors without personal data, and responds with their id in the log."""
        request_arrived()
        try:
            results = await self.schema.stream(
                operation.query,
                variable_values=operation.variables,
                context_value=self.context,
                root_value=None,
                operation_name=operation.operation_name,
            )
            async with aclosing(results):
                await self._send_result_stream(operation, results)
            await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except WebSocketDisconnected:
            self.operations.pop(operation.id, None)
        except GraphQLError as refused:
            await operation.send_initial_errors([refused])
        except Exception as error:  # noqa: BLE001 - logged, and reported to the caller
            internal = {"code": "INTERNAL_SERVER_ERROR"}
            with suppress(Exception):  # the client may have disconnected
                await operation.send_initial_errors([GraphQLError(sentence_of(report(error)), extensions=internal)])

    async def handle_task_exception(self, error: Exception) -> None:
        report(error)

    @staticmethod
    def _get_pre_execution_close_reason(error: object) -> None:
        """Returns None, to keep the connection open: an unreadable document gets an `error`, like any other invalid operation."""


def _what_is_wrong(message: dict[str, Any]) -> str | None:
    key, payload = message.get("id"), message.get("payload")
    if not isinstance(key, str) or not key:
        return "subscribe needs an id"
    if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
        return "subscribe needs a payload with a query"
    if not isinstance(payload.get("variables"), dict | None) or not isinstance(payload.get("extensions"), dict | None):
        return "variables and extensions are objects"
    if not isinstance(payload.get("operationName"), str | None):
        return "operationName is a string"
    return None


def _was_refused(result: dict[str, Any]) -> bool:
    """Whether nothing was executed: then, as over HTTP, there is no data, not even null."""
    errors = result.get("errors") or []
    return result["data"] is None and bool(errors) and not any("path" in error for error in errors)


class Expiring:
    """Wraps receive and send of a websocket, and closes it with 4401 when its token expires."""

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
        """Parses the message like the handler, since a text search would miss escaped characters."""
        try:
            said = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        if not isinstance(said, dict) or said.get("type") != "connection_init":
            return
        payload = said.get("payload")
        if not isinstance(payload, dict):
            return
        with suppress(GraphQLError):  # the handler refuses it
            identity = self.identify(payload.get("authorization"))
            seconds = (identity.expires_at - clock.now()).total_seconds()
            self.expiry = asyncio.create_task(self._close_after(seconds))

    async def _close_after(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0))
        await self.send({"type": "websocket.close", "code": UNAUTHORIZED, "reason": EXPIRED})

    async def send(self, message: Any) -> None:
        """Sends nothing after the close, and shortens its reason to fit a frame."""
        if self.closed:
            return
        if message["type"] == "websocket.close":
            self.closed = True
            message["reason"] = message.get("reason", "").encode()[:MAX_REASON_BYTES].decode(errors="ignore")
        await self._send(message)
