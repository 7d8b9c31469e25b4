"""POST /uploads: a file as the raw body, streamed into the database, never whole in memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bulk_import import storage
from models.clock import clock
from models.rules import ids

TYPES = {"text/csv", "application/csv", "text/plain", "application/octet-stream", "application/vnd.ms-excel"}
MEGABYTE = 1_000_000
RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Uploader:
    """Who uploads, for which account, and how many bytes its plan takes."""

    account_id: UUID
    user_id: UUID
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a body may take as a whole, and that its sender may be silent for. Fifty megabytes need half a
    megabit a second."""

    whole: float = 900.0
    silence: float = 30.0


class TooSlowError(Exception):
    """The body did not come in time; the message says what it was given."""


Authenticate = Callable[[Request], Awaitable[Uploader | Response]]
"""Who it is, or the refusal."""
Report = Callable[[Exception], str | None]
"""Logs an error. The id under which the log has it; None for a database that cannot be reached."""


def routes(authenticate: Authenticate, report: Report, patience: Patience = Patience()) -> list[BaseRoute]:
    async def upload(request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in TYPES:
            return PlainTextResponse("Send the CSV file itself as the body, with Content-Type: text/csv.", 415)
        uploader = await authenticate(request)
        if isinstance(uploader, Response):
            return uploader
        try:
            return await _store(request, uploader, patience)
        except Exception as error:  # noqa: BLE001 - reported
            return _failed(report(error))

    return [Route("/uploads", upload, methods=["POST"])]


async def _store(request: Request, uploader: Uploader, patience: Patience) -> Response:
    most = uploader.most_bytes
    if _told_size(request) > most:
        return _too_large(most)
    try:
        body = _in_time(request.stream(), patience)
        key = await storage.store(uploader.account_id, uploader.user_id, body, most, clock.now())
    except storage.TooLargeError:
        return _too_large(most)
    except TooSlowError as error:
        # Closed, or the rest of the body would be waited for after the answer.
        return PlainTextResponse(str(error), 408, {"Connection": "close"})
    except ClientDisconnect:
        return PlainTextResponse("The upload was broken off.", 400)
    return JSONResponse({"uploadId": ids.public_id(ids.UPLOAD, key)}, 201)


def _failed(number: str | None) -> Response:
    """The rest of the body is not read, so the connection is closed."""
    if number is None:
        words = "The database cannot be reached at the moment; send the file again shortly."
        return PlainTextResponse(words, 503, {"Connection": "close", "Retry-After": str(RETRY_SECONDS)})
    words = f"The file could not be stored; the log has the cause under {number}."
    return PlainTextResponse(words, 500, {"Connection": "close"})


async def _in_time(parts: AsyncIterator[bytes], patience: Patience) -> AsyncIterator[bytes]:
    """The parts of a body as they come; raises TooSlowError. The time in which they are stored counts as well."""
    now = asyncio.get_running_loop().time
    ends = now() + patience.whole
    while True:
        silent_until = now() + patience.silence
        try:
            async with asyncio.timeout_at(min(ends, silent_until)):
                part = await anext(parts, None)
        except TimeoutError as error:
            raise TooSlowError(_too_slow_words(patience, silent=silent_until < ends)) from error
        if part is None:
            return
        yield part


def _too_slow_words(patience: Patience, *, silent: bool) -> str:
    if silent:
        return f"Nothing came for {patience.silence:g} seconds; send the file again."
    return (
        f"The file did not arrive within {patience.whole:g} seconds; send it again on a faster line, or split the list."
    )


def _told_size(request: Request) -> int:
    told = request.headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() else 0


def _too_large(most: int) -> Response:
    return PlainTextResponse(f"The plan takes files of {most // MEGABYTE} MB at most; split the list.", 413)
