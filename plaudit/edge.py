"""HTTP for GraphQL: checks method, media types, size and time of requests; detects disconnects; encodes responses."""

import asyncio
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.datastructures import Headers, QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope

from schema.documents import too_many_lines
from wire.body import BodyTooLargeError, bounded_body
from wire.preferences import preferences

MAX_BYTES = 100_000
BODY_SECONDS = 15.0
MAX_ANSWER_BYTES = 10_000_000
Operation = dict[str, Any]
RESPONSE_JSON, JSON = "application/graphql-response+json", "application/json"
EVENT_STREAM = "text/event-stream"
_ACCEPTED = "plaudit.accepted"
"""Where a request's scope has the media type to respond with."""


def refuse_kind(scope: Scope) -> Response | None:
    """The refusal of an unsupported method, content type or accepted type."""
    headers = Headers(scope=scope)
    if scope["method"] not in ("GET", "POST"):
        return plain(405, "Send operations with POST, or queries with GET.", {"Allow": "GET, POST"})
    if scope["method"] == "POST" and headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        return plain(415, f"Send the operation as {JSON}.")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        return plain(415, "Send the operation without Content-Encoding.")
    if _accepted(scope) is None:
        return plain(406, f"Accept {RESPONSE_JSON}, {JSON} or {EVENT_STREAM}.")
    return None


@lru_cache(maxsize=100)
def accepted(header: str | None) -> str | None:
    """The media type to respond with, or None if none of them is accepted."""
    if not header:
        return JSON
    for name in preferences(header):
        if name in (RESPONSE_JSON, EVENT_STREAM):
            return name
        if name in (JSON, "application/*", "*/*"):
            return JSON
    return None


def wants_events(scope: Scope) -> bool:
    """Whether to respond with server-sent events."""
    return _accepted(scope) == EVENT_STREAM


def _accepted(scope: Scope) -> str | None:
    """The media type to respond with, found once for each request."""
    if _ACCEPTED not in scope:
        scope[_ACCEPTED] = accepted(Headers(scope=scope).get("accept"))
    found: str | None = scope[_ACCEPTED]
    return found


async def read_body(request: Request) -> bytes | Response:
    """The whole body, or a refusal if it is too long."""
    try:
        return await bounded_body(request, MAX_BYTES)
    except BodyTooLargeError:
        return plain(413, f"An operation can have at most {MAX_BYTES} bytes; upload lists with POST /uploads.")
    except ClientDisconnect:
        return plain(400, "The connection closed before the operation was complete.")


def too_slow() -> Response:
    """The refusal of a request whose body takes longer than BODY_SECONDS."""
    return plain(408, f"The operation did not arrive within {BODY_SECONDS:.0f} seconds; send it again.")


WATCHED_AFTER_SECONDS = 0.02
"""Most operations have ended by then, and a task for each would cost more than the rest of those whose client disconnects."""


class Deadline:
    """Cancels its block when the time is up that is allowed at the moment, or when the client disconnects: one timer for what
    happens in turn."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._timeout = asyncio.timeout(None)
        self._beginning: asyncio.TimerHandle | None = None
        self._watching: asyncio.Task[None] | None = None
        self._refuse: Callable[[], Response] | None = None
        self._was_up = self._has_disconnected = False

    async def __aenter__(self) -> "Deadline":
        await self._timeout.__aenter__()
        return self

    async def __aexit__(self, *raised: Any) -> bool:
        """Does not raise if the time was up."""
        if self._beginning is not None:
            self._beginning.cancel()
        if self._watching is not None:
            self._watching.cancel()
        try:
            await self._timeout.__aexit__(*raised)  # before anything else is waited for: it may be about to cancel
        except TimeoutError:
            self._was_up = True
        if self._watching is not None:
            await asyncio.wait([self._watching])
        return self._was_up

    def refusal(self) -> Response | None:
        """The response after a block whose time was up; None if it has responded, or the client disconnected."""
        return self._refuse() if self._was_up and self._refuse else None

    def allow(self, seconds: float, refuse: Callable[[], Response]) -> None:
        """Allows so much time from now on, instead of what was allowed before; `refuse` makes the response when it is up."""
        self._set(self._loop.time() + seconds, refuse)

    def lift(self) -> None:
        """Allows any time."""
        self._set(None, None)

    def _set(self, end: float | None, refuse: Callable[[], Response] | None) -> None:
        if not (self._has_disconnected or self._timeout.expired()):
            self._refuse = refuse
            self._timeout.reschedule(end)

    def watch(self, unless: Callable[[], bool]) -> None:
        """From now on, ends the block when the client disconnects, unless `unless()`; what takes WATCHED_AFTER_SECONDS or less may
        end first. The whole body must have been received."""

        async def until_disconnected() -> None:
            while (await self._receive())["type"] != "http.disconnect":
                pass
            if not unless():
                self._set(self._loop.time(), None)
                self._has_disconnected = True

        def begin() -> None:
            self._watching = self._loop.create_task(until_disconnected())

        self._beginning = self._loop.call_later(WATCHED_AFTER_SECONDS, begin)


def operation_of(scope: Scope, body: bytes) -> Operation | Response:
    """The operation in the body or the query string of a GET, or a refusal if it is invalid."""
    try:
        given = _parameters(scope) if scope["method"] == "GET" else orjson.loads(body)
    except orjson.JSONDecodeError:
        return error(scope, 400, "BAD_USER_INPUT", "The body, variables or extensions are not valid JSON.")
    if isinstance(given, dict) and not given.get("query") and _is_persisted(given):
        # With this code, clients send the whole query instead.
        status = 400 if wants_events(scope) else 200
        return error(scope, status, "PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")
    if not isinstance(given, dict) or not isinstance(given.get("query"), str) or not given["query"]:
        sentence = 'Send {"query": "...", "variables": {...}, "operationName": "..."}.'
        return error(scope, 400, "BAD_USER_INPUT", sentence)
    if not isinstance(given.get("variables"), dict | None) or not isinstance(given.get("extensions"), dict | None):
        return error(scope, 400, "BAD_USER_INPUT", "variables and extensions must be objects.")
    if not isinstance(given.get("operationName"), str | None):
        return error(scope, 400, "BAD_USER_INPUT", "operationName must be a string.")
    if too_long := too_many_lines(given["query"]):
        return error(scope, 400, "QUERY_TOO_COSTLY", too_long)
    return given


def _is_persisted(given: Operation) -> bool:
    extensions = given.get("extensions")
    return isinstance(extensions, dict) and "persistedQuery" in extensions


def _parameters(scope: Scope) -> Operation:
    asked = QueryParams(scope["query_string"])
    given: Operation = {name: asked[name] for name in ("query", "operationName") if asked.get(name)}
    return given | {name: orjson.loads(asked[name]) for name in ("variables", "extensions") if asked.get(name)}


def plain(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(sentence, status, headers)


class AnswerTooLargeError(Exception):
    """The response has more than MAX_ANSWER_BYTES."""

    code = "QUERY_TOO_COSTLY"
    sentence = (
        f"The response has more than {MAX_ANSWER_BYTES:,} bytes; request shorter pages with first:, or fewer fields."
    )


def encode(data: object, characters: int | None = None) -> bytes:
    """Encodes as JSON. Raises AnswerTooLargeError, usually before encoding; `characters`: what `characters_of` gives, if that is
    known."""
    if characters is None:
        characters = characters_of(data)
    if characters > MAX_ANSWER_BYTES or len(encoded := orjson.dumps(data, default=str)) > MAX_ANSWER_BYTES:
        raise AnswerTooLargeError
    return encoded


def characters_of(data: object) -> int:
    """The number of characters in all strings and keys, counted until there are too many."""
    waiting, number = [data], 0
    while waiting and number <= MAX_ANSWER_BYTES:
        value = waiting.pop()
        if isinstance(value, str):
            number += len(value)
        elif isinstance(value, dict):
            number += sum(map(len, value))
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return number


def answer(scope: Scope, status: int, data: object, characters: int | None = None) -> Response:
    """A response in the accepted media type; what is refused before a stream of events begins is JSON. `characters`: as for
    `encode`."""
    accepts = _accepted(scope)
    media_type = accepts if accepts in (RESPONSE_JSON, JSON) else JSON
    try:
        body = encode(data, characters)
    except AnswerTooLargeError as refused:
        return error(scope, status_of_refused(scope), refused.code, refused.sentence)
    response = Response(body, status, {"Cache-Control": "no-store"}, media_type)
    if status == 405:
        response.headers["Allow"] = "POST"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503):
        response.headers["Retry-After"] = "1"
    return response


def status_of_refused(scope: Scope) -> int:
    """The status of an operation that was not executed: 400, or 200 for plain JSON, as its clients expect."""
    return 400 if _accepted(scope) in (RESPONSE_JSON, EVENT_STREAM) else 200


_STATUS = {"UNAUTHENTICATED": 401, "RATE_LIMITED": 429, "INTERNAL_SERVER_ERROR": 500, "TIMEOUT": 504}


def status_of(scope: Scope, error: GraphQLError) -> int:
    """The status of an operation that was not executed because of this error."""
    return _STATUS.get((error.extensions or {}).get("code", ""), status_of_refused(scope))


def refusal(scope: Scope, error: GraphQLError) -> Response:
    return answer(scope, status_of(scope, error), {"errors": [error.formatted]})


def error(scope: Scope, status: int, code: str, message: str) -> Response:
    return answer(scope, status, {"errors": [{"message": message, "extensions": {"code": code}}]})


def unavailable(scope: Scope) -> Response:
    """The response while the database is unavailable."""
    sentence = "The database cannot be reached at the moment; try again shortly."
    return error(scope, 503, "INTERNAL_SERVER_ERROR", sentence)
