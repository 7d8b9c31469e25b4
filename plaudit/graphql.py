"""The /graphql endpoint: checks in their order, then the operation, then the answer with its right status."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import orjson
from graphql import ExecutionResult, GraphQLError
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.execution import PreExecutionError

from models.clock import clock
from plaudit.auth import verify
from plaudit.database import is_transient
from plaudit.settings import Settings
from resolvers.context import Context, Identity, Shared
from schema.root import Schema

MOST_BYTES = 100_000
MOST_SECONDS = 30.0
RESPONSE_JSON, JSON = "application/graphql-response+json", "application/json"


class Gateway(GraphQL[Context, None]):
    """GraphQL over HTTP by POST, and graphql-transport-ws."""

    def __init__(self, schema: Schema, settings: Settings, shared: Shared) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=10),
            max_subscriptions_per_connection=20,
            allowed_origins=settings.allowed_origins,
        )
        self.settings, self.shared = settings, shared

    def identify(self, authorization: object) -> Identity | None:
        return verify(self.settings.jwt_secret, authorization, claim=self.settings.account_claim)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await _Expiring(self, scope, receive, send).run()
            return
        refused = await self._refuse(scope, receive)
        if isinstance(refused, Response):
            await refused(scope, receive, send)
            return
        await super().__call__(scope, _again(refused), send)

    async def _refuse(self, scope: Scope, receive: Receive) -> Response | bytes:
        """What is refused before GraphQL begins, in the order of the checks; else the body."""
        headers = Headers(scope=scope)
        if scope["method"] != "POST":
            return _plain(405, "Send operations by POST.", {"Allow": "POST"})
        if headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            return _plain(415, f"Send the operation as {JSON}.")
        if accepted(headers.get("accept")) is None:
            return _plain(406, f"Accept {RESPONSE_JSON} or {JSON}.")
        body = await read_body(Request(scope, receive), MOST_BYTES)
        if body is None:
            return _plain(413, f"An operation has {MOST_BYTES} bytes at most; send lists by POST /uploads.")
        identity = self.identify(headers.get("authorization"))
        if identity is None:
            return _error(401, "UNAUTHENTICATED", "Send the token of a member: Authorization: Bearer TOKEN.")
        context = Context(self.shared, identity)
        try:
            await context.viewer()
        except GraphQLError as unknown:
            return _error(401, "UNAUTHENTICATED", unknown.message)
        except Exception as error:
            if is_transient(error):
                return unavailable()
            raise
        scope["plaudit.context"] = context
        return _operation(body) or body

    async def get_context(self, request: HTTPConnection, response: object) -> Context:
        context: Context = request.scope.get("plaudit.context") or Context(self.shared)
        return context

    async def execute_operation(self, *args: Any, **kwargs: Any) -> Any:
        """Under a time limit."""
        try:
            async with asyncio.timeout(MOST_SECONDS):
                return await super().execute_operation(*args, **kwargs)
        except TimeoutError:
            error = GraphQLError("This took too long; ask for less.", extensions={"code": "TIMEOUT"})
            return ExecutionResult(None, [error])

    async def process_result(self, request: Any, result: Any) -> GraphQLHTTPResponse:
        """Without data when nothing was executed; 503 when the database could not be had."""
        errors = result.errors or []
        if any(is_transient(error.original_error) for error in errors):
            request.scope["plaudit.status"] = 503
        if isinstance(result, PreExecutionError) or (
            result.data is None and errors and not any(e.path for e in errors)
        ):
            request.scope.setdefault("plaudit.status", 400)
            return {"errors": [error.formatted for error in errors]}  # type: ignore[typeddict-item]
        answer: dict[str, Any] = {"data": result.data}
        if errors:
            answer["errors"] = [error.formatted for error in errors]
        return answer  # type: ignore[return-value]

    async def get_sub_response(self, request: Any) -> Response:
        """Carries the request's scope, where the status is noted, to the response."""
        response = await super().get_sub_response(request)
        response.scope = request.scope  # type: ignore[attr-defined]
        return response

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        scope: Scope = sub_response.scope  # type: ignore[attr-defined]
        media_type = accepted(Headers(scope=scope).get("accept")) or JSON
        status = scope.get("plaudit.status", 200)
        response = Response(self.encode_json(response_data), status, media_type=media_type)
        if status == 503:
            response.headers["Retry-After"] = "1"
        return response

    def encode_json(self, data: object) -> str:
        return orjson.dumps(data, default=str).decode()

    async def on_ws_connect(self, context: Context) -> Any:
        """A refused connection_init closes with 4403."""
        context.identity = self.identify((context.connection_params or {}).get("authorization"))
        try:
            await context.viewer()
        except (GraphQLError, *_LOST) as error:
            raise ConnectionRejectionError from error
        return await super().on_ws_connect(context)


_LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


def accepted(header: str | None) -> str | None:
    """The media type to answer with; None where neither is accepted."""
    if not header:
        return JSON
    wanted = [_quality(part) for part in header.lower().split(",")]
    for name, quality in sorted(wanted, key=lambda one: -one[1]):
        if quality <= 0:
            continue
        if name == RESPONSE_JSON:
            return RESPONSE_JSON
        if name in (JSON, "application/*", "*/*"):
            return JSON
    return None


def _quality(part: str) -> tuple[str, float]:
    name, *parameters = [piece.strip() for piece in part.split(";")]
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key == "q":
            try:
                return name, float(value)
            except ValueError:
                return name, 0.0
    return name, 1.0


async def read_body(request: Request, most: int) -> bytes | None:
    """The whole body; None when it is longer."""
    if int(request.headers.get("content-length") or 0) > most:
        return None
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            return None
    return body


def _again(body: bytes) -> Receive:
    """The body once more, for who reads it next."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        return {"type": "http.disconnect"}

    return receive


def _operation(body: bytes) -> Response | None:
    """A refusal for what is no operation."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _error(400, "BAD_USER_INPUT", "The body is no JSON.")
    if not isinstance(given, dict) or not isinstance(given.get("query"), str):
        return _error(400, "BAD_USER_INPUT", 'Send {"query": "...", "variables": {...}, "operationName": "..."}.')
    if not isinstance(given.get("variables"), dict | None) or not isinstance(given.get("extensions"), dict | None):
        return _error(400, "BAD_USER_INPUT", "variables and extensions are objects.")
    if not isinstance(given.get("operationName"), str | None):
        return _error(400, "BAD_USER_INPUT", "operationName is a string.")
    return None


def _plain(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(sentence, status, headers)


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"errors": [{"message": message, "extensions": {"code": code}}]}, status)


def unavailable() -> Response:
    """While the database cannot be had."""
    response = _error(503, "INTERNAL_SERVER_ERROR", "The database cannot be reached at the moment; try again shortly.")
    response.headers["Retry-After"] = "1"
    return response


class _Expiring:
    """A websocket that is closed with 4401 when its token's time is over."""

    def __init__(self, gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
        self.gateway, self.scope, self._receive, self._send = gateway, scope, receive, send
        self.expiry: asyncio.Task[None] | None = None
        self.closed = False

    async def run(self) -> None:
        try:
            await super(Gateway, self.gateway).__call__(self.scope, self.receive, self.send)
        finally:
            if self.expiry:
                self.expiry.cancel()
                await asyncio.wait([self.expiry])

    async def receive(self) -> Any:
        message = await self._receive()
        if (
            self.expiry is None
            and message["type"] == "websocket.receive"
            and "connection_init" in (message.get("text") or "")
        ):
            self._watch(message["text"])
        return message

    def _watch(self, text: str) -> None:
        try:
            payload = orjson.loads(text).get("payload") or {}
            identity = self.gateway.identify(payload.get("authorization"))
        except (orjson.JSONDecodeError, AttributeError):
            return
        if identity is not None:
            seconds = (identity.expires_at - clock.now()).total_seconds()
            self.expiry = asyncio.create_task(self._close_after(seconds))

    async def _close_after(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0))
        await self.send({"type": "websocket.close", "code": 4401, "reason": "The token's time is over"})

    async def send(self, message: Any) -> None:
        """Nothing after the close."""
        if self.closed:
            return
        self.closed = message["type"] == "websocket.close"
        await self._send(message)
