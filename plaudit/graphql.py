"""The /graphql endpoint: checks the request, executes the operation, and sets the response's status."""

import asyncio
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from typing import Any

import orjson
from cross_web import StarletteRequestAdapter
from graphql import ExecutionResult, GraphQLError
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from models.faults import is_transient
from plaudit import connections, edge
from plaudit.auth import Verifier
from plaudit.event_streams import EventStream
from plaudit.masking import NO_OPERATION, coded, report, sentence_of, why_no_operation
from plaudit.settings import Settings
from plaudit.sockets import TRY_AGAIN_LATER, Expiring, Handler
from resolvers.context import Context, Shared
from schema import direct
from schema.extensions import took_too_long
from schema.pace import request_arrived
from schema.root import Schema
from wire.counts import held

MAX_SUBSCRIPTIONS, MAX_STREAMS = 20, 100
_STREAMED = {
    "GET": (OperationType.QUERY, OperationType.SUBSCRIPTION),
    "POST": tuple(OperationType),
}
_ALLOWED = {"GET": (OperationType.QUERY,), "POST": (OperationType.QUERY, OperationType.MUTATION)}


def _refused(code: str, message: str) -> ExecutionResult:
    return ExecutionResult(None, [GraphQLError(message, extensions={"code": code})])


def _too_many_streams() -> GraphQLError:
    sentence = f"A member can have {MAX_STREAMS} streams of events open at a time; end one first."
    return GraphQLError(sentence, extensions={"code": "RATE_LIMITED"})


class Asked(StarletteRequestAdapter):
    """A request with its operation."""

    @property
    def operation(self) -> edge.Operation:
        given: edge.Operation = self._request.scope["plaudit.operation"]
        return given


class Gateway(GraphQL[Context, None]):
    """GraphQL over HTTP with POST, or GET for queries, as server-sent events, and over graphql-transport-ws. GET is safe, since
    browsers do not send tokens automatically."""

    graphql_transport_ws_handler_class = Handler
    request_adapter_class = Asked

    def __init__(self, schema: Schema, settings: Settings, shared: Shared) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            allow_queries_via_get=True,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=10),
            max_subscriptions_per_connection=MAX_SUBSCRIPTIONS,
            allowed_origins=settings.allowed_origins,
        )
        self.settings, self.shared = settings, shared
        self.core, self.executor = schema.core, schema.executor
        self.identify = Verifier(
            settings.jwt_secret, claim=settings.account_claim, audience=settings.jwt_audience
        ).identify
        self.sockets: set[Expiring] = set()
        self.stopping = asyncio.Event()
        """Ends the streams of events."""
        self.max_unauthenticated = connections.limits().max_open // 4

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
            return
        request_arrived()
        async with edge.Deadline(receive) as deadline:
            await self._serve(scope, receive, send, deadline)
        if (refusal := deadline.refusal()) is not None:
            await refusal(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, deadline: edge.Deadline) -> None:
        deadline.allow(edge.BODY_SECONDS, edge.too_slow)
        body = edge.refuse_kind(scope) or await edge.read_body(Request(scope, receive))
        deadline.lift()
        if isinstance(body, Response):
            await body(scope, receive, send)
            return
        try:
            context = Context(self.shared, self.identify(Request(scope).headers.get("authorization")))
        except GraphQLError as unknown:
            await edge.refusal(scope, unknown)(scope, receive, send)
            return
        deadline.watch(unless=lambda: context.is_mutation)
        try:
            await self._respond(scope, context, body, receive, send, deadline)
        finally:
            context.give_slot_back()

    async def _respond(
        self, scope: Scope, context: Context, body: bytes, receive: Receive, send: Send, deadline: edge.Deadline
    ) -> None:
        async with context.reads.together():
            operation = edge.operation_of(scope, body)
            found = self._find_planned(scope, context, operation)
            response = await self._prepare(scope, context, operation)
            if response is None and found is not None:
                deadline.allow(context.seconds_left(), lambda: edge.refusal(scope, took_too_long()))
                response = await self._answer_planned(scope, context, found)
                deadline.lift()
        if response is not None:
            await response(scope, receive, send)
        elif edge.wants_events(scope):
            context.give_slot_back()  # the operation takes its own, and a subscription releases it
            await self._stream(scope, context, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def _stream(self, scope: Scope, context: Context, receive: Receive, send: Send) -> None:
        """Executes an operation whose results are sent as events, unless the member has too many of these responses open."""
        member = context.identity and (context.identity.issuer, context.identity.subject)
        with held(self.shared.counts, ("streams", member), MAX_STREAMS) as may_stream:
            if not may_stream:
                await edge.refusal(scope, _too_many_streams())(scope, receive, send)
                return
            context.last_event_id = Headers(scope=scope).get("last-event-id")
            events = EventStream(send, context, self.stopping)
            await events.run(partial(self._send_results, Request(scope), context, events))

    async def _send_results(self, request: Request, context: Context, events: EventStream) -> None:
        given: edge.Operation = request.scope["plaudit.operation"]
        try:
            results = await self.schema.stream(
                given["query"],
                variable_values=given.get("variables"),
                context_value=context,
                operation_name=given.get("operationName"),
                operation_extensions=given.get("extensions"),
                allowed_operation_types=_STREAMED[request.method],
            )
            async with aclosing(results):
                async for result in results:
                    await events.next(dict(await self.process_result(request, result)))
        except GraphQLError as refused:
            await events.next({"errors": [coded(refused).formatted]})
        except Exception as error:  # noqa: BLE001 - logged, and reported to the caller
            internal = {"code": "INTERNAL_SERVER_ERROR"}
            await events.next({"errors": [{"message": sentence_of(report(error)), "extensions": internal}]})
        await events.complete()

    def _find_planned(
        self, scope: Scope, context: Context, operation: edge.Operation | Response
    ) -> direct.Found | None:
        """The operation, if it is a query that may have a plan."""
        if isinstance(operation, Response) or edge.wants_events(scope):
            return None
        asked = direct.Asked(operation["query"], operation.get("operationName"), operation.get("variables"))
        return direct.find(self.core, self.executor, context, asked)

    async def _prepare(self, scope: Scope, context: Context, operation: edge.Operation | Response) -> Response | None:
        """Takes one of the member's slots and looks the member up; returns a refusal, or None to execute the operation."""
        try:
            await context.take_slot()
            await context.viewer()
        except GraphQLError as refused:
            return edge.refusal(scope, refused)
        except Exception as error:
            if is_transient(error):
                return edge.unavailable(scope)
            raise
        if isinstance(operation, Response):
            return operation
        scope["plaudit.context"], scope["plaudit.operation"] = context, operation
        return None

    async def _answer_planned(self, scope: Scope, context: Context, found: direct.Found) -> Response | None:
        """The response to a query that has a plan; None to execute it."""
        answer = await direct.answer(context, found)
        if answer is None:
            return None
        data = await self.process_result(Request(scope), answer.result)
        return edge.answer(scope, scope.get("plaudit.status", 200), data, answer.characters)

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = Expiring(self.identify, scope, receive, send)
        if sum(one.expiry is None for one in self.sockets) >= self.max_unauthenticated:
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            return
        self.sockets.add(socket)
        try:
            await super().__call__(scope, socket.receive, socket.send)
        finally:
            self.sockets.discard(socket)
            await socket.end()

    async def get_context(self, request: HTTPConnection, response: object) -> Context:
        context: Context = request.scope.get("plaudit.context") or Context(self.shared, is_connection=True)
        return context

    async def parse_http_body(self, request: Any) -> GraphQLRequestData:
        """The edge has already read the body."""
        given = request.operation
        return GraphQLRequestData(
            given["query"], given.get("variables"), given.get("operationName"), given.get("extensions")
        )

    async def execute_operation(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Responds to errors that the library raises."""
        try:
            return await super().execute_operation(request, *args, **kwargs)
        except NO_OPERATION as refused:
            if isinstance(refused, InvalidOperationTypeError) and refused.operation_type is OperationType.MUTATION:
                request.scope["plaudit.status"] = 405
            return _refused("BAD_USER_INPUT", why_no_operation(refused))

    async def execute_single(
        self,
        request: Any,
        request_adapter: Any,
        sub_response: Any,
        context: Context,
        root_value: None,
        request_data: Any,
    ) -> Any:
        """Executes a query or mutation; the library would also accept a subscription."""
        return await self.schema.execute(
            request_data.query,
            variable_values=request_data.variables,
            context_value=context,
            operation_name=request_data.operation_name,
            operation_extensions=request_data.extensions,
            allowed_operation_types=_ALLOWED[request.method],
        )

    async def process_result(self, request: Any, result: Any) -> GraphQLHTTPResponse:
        """The response: without data if nothing was executed, and 503 if the database was unavailable."""
        errors = [coded(error) for error in result.errors or []]  # extensions raise too
        if any(is_transient(error.original_error) for error in errors):
            request.scope["plaudit.status"] = 503
        if isinstance(result, PreExecutionError) or (
            result.data is None and errors and not any(error.path for error in errors)
        ):
            request.scope.setdefault("plaudit.status", edge.status_of(request.scope, errors[0]))
            return {"errors": [error.formatted for error in errors]}
        answer: dict[str, Any] = {"data": result.data}
        if errors:
            answer["errors"] = [error.formatted for error in errors]
        return answer  # type: ignore[return-value]

    async def get_sub_response(self, request: Any) -> Response:
        """Passes the request's scope, which holds the status, to the response."""
        response = await super().get_sub_response(request)
        response.scope = request.scope  # type: ignore[attr-defined]
        return response

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        scope: Scope = sub_response.scope  # type: ignore[attr-defined]
        return edge.answer(scope, scope.get("plaudit.status", 200), response_data)

    def encode_json(self, data: object) -> str:
        return edge.encode(data).decode()

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)

    async def on_ws_connect(self, context: Context) -> Any:
        """Raises UNAUTHENTICATED, which closes the connection."""
        context.identity = self.identify((context.connection_params or {}).get("authorization"))
        await context.fork().viewer()
        return await super().on_ws_connect(context)
