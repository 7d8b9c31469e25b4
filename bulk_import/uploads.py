"""POST /uploads: a file as the raw body, streamed into the database, never whole in memory."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bulk_import import storage
from models import ids
from models.clock import clock

TYPES = {"text/csv", "application/csv", "text/plain", "application/octet-stream", "application/vnd.ms-excel"}
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Uploader:
    """Who uploads, for which account, and how many bytes its plan takes."""

    account_id: UUID
    user_id: UUID
    most_bytes: int


Authenticate = Callable[[Request], Awaitable[Uploader | Response]]
"""Who it is, or the refusal."""


def routes(authenticate: Authenticate) -> list[BaseRoute]:
    async def upload(request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in TYPES:
            return PlainTextResponse("Send the CSV file itself as the body, with Content-Type: text/csv.", 415)
        uploader = await authenticate(request)
        if isinstance(uploader, Response):
            return uploader
        return await _store(request, uploader)

    return [Route("/uploads", upload, methods=["POST"])]


async def _store(request: Request, uploader: Uploader) -> Response:
    most = uploader.most_bytes
    if _told_size(request) > most:
        return _too_large(most)
    try:
        key = await storage.store(uploader.account_id, uploader.user_id, request.stream(), most, clock.now())
    except storage.TooLargeError:
        return _too_large(most)
    except ClientDisconnect:
        return PlainTextResponse("The upload was broken off.", 400)
    return JSONResponse({"uploadId": ids.public_id(ids.UPLOAD, key)}, 201)


def _told_size(request: Request) -> int:
    told = request.headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() else 0


def _too_large(most: int) -> Response:
    return PlainTextResponse(f"The plan takes files of {most // MEGABYTE} MB at most; split the list.", 413)
