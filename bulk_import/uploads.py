"""POST /uploads: streams the raw body into the database, without loading all of it into memory."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bulk_import import storage
from models.clock import clock
from models.rules import ids
from wire.body import BodyLimits, BodyTooLargeError, BodyTooSlowError, body_parts
from wire.counts import Counts, OwnCounts, held

UNKNOWN = "application/octet-stream"
TYPES = {
    "text/csv",
    "application/csv",
    "text/comma-separated-values",
    "text/x-csv",
    "application/x-csv",
    "text/plain",
    "text/tab-separated-values",
    UNKNOWN,
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel.sheet.macroenabled.12",
    "application/vnd.oasis.opendocument.spreadsheet",
}
"""As browsers, phones and spreadsheets call these files; what a file is, its contents say."""
MEGABYTE = 1_000_000
DAY = timedelta(days=1)
RETRY_SECONDS = 5
MAX_AT_ONCE, MAX_AT_ONCE_OF_USER = 50, 4
"""Uploads that one process receives at the same time, each of which holds up to two megabytes of memory; and those of one user
that a gateway receives."""
FILES_PER_DAY = 20
"""How many files of the largest size that the plan allows an account can upload in 24 hours."""


@dataclass(frozen=True, slots=True)
class Uploader:
    """The uploading user, the account, and the number of bytes its plan allows."""

    account_id: UUID
    user_id: UUID
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Patience:
    """Time limits in seconds: for a whole body, and without any data. The default allows 50 MB at half a megabit per
    second."""

    whole: float = 900.0
    silence: float = 30.0


Authenticate = Callable[[Request], Awaitable[Uploader | Response]]
"""Returns the uploader, or the response that refuses the upload."""
Report = Callable[[Exception], str | None]
"""Logs an error and returns its id in the log, or None if the database was unavailable."""


def routes(
    authenticate: Authenticate, report: Report, patience: Patience = Patience(), counts: Counts | None = None
) -> list[BaseRoute]:
    """`counts` has the uploads of each user, also those that other processes receive."""
    own, of_users = OwnCounts(), counts or OwnCounts()

    async def upload(request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if (kind or UNKNOWN) not in TYPES:  # browsers send none for a name that they do not know
            return PlainTextResponse("Send the file itself as the body, with its Content-Type, such as text/csv.", 415)
        if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
            return PlainTextResponse("Send the file without Content-Encoding.", 415)
        uploader = await authenticate(request)
        if isinstance(uploader, Response):
            return uploader
        of_user = held(of_users, ("uploads", uploader.user_id), MAX_AT_ONCE_OF_USER)
        with held(own, "uploads", MAX_AT_ONCE) as has_room, of_user as may_upload:
            if not (has_room and may_upload):
                return _too_many("Too many uploads are in progress; wait for one to finish, then send this one again.")
            try:
                return await _receive(request, uploader, patience)
            except Exception as error:  # noqa: BLE001 - reported
                return _failed(report(error))

    return [Route("/uploads", upload, methods=["POST"])]


async def _receive(request: Request, uploader: Uploader, patience: Patience) -> Response:
    if await storage.stored_since(uploader.account_id, clock.now() - DAY) >= FILES_PER_DAY * uploader.max_bytes:
        most = FILES_PER_DAY * uploader.max_bytes // MEGABYTE
        return _too_many(f"This account has uploaded {most} MB in the last 24 hours, the most its plan allows.")
    return await _store(request, uploader, patience)


async def _store(request: Request, uploader: Uploader, patience: Patience) -> Response:
    most = uploader.max_bytes
    try:
        body = body_parts(request, BodyLimits(most, patience.whole, patience.silence))
        key = await storage.store(uploader.account_id, uploader.user_id, body, clock.now())
    except BodyTooLargeError:
        return _too_large(most)
    except BodyTooSlowError as slow:
        return _too_slow(patience, silent=slow.idle)
    except ClientDisconnect:
        return PlainTextResponse("The connection closed before the upload was complete.", 400)
    return JSONResponse({"uploadId": ids.public_id(ids.UPLOAD, key)}, 201)


def _failed(number: str | None) -> Response:
    """The rest of the body is not read, so the connection is closed."""
    if number is None:
        words = "The database cannot be reached at the moment; send the file again shortly."
        return PlainTextResponse(words, 503, {"Connection": "close", "Retry-After": str(RETRY_SECONDS)})
    words = f"The file could not be stored; the server's log has the cause under {number}."
    return PlainTextResponse(words, 500, {"Connection": "close"})


def _too_many(words: str) -> Response:
    """The body is not read, so the connection is closed."""
    return PlainTextResponse(words, 429, {"Connection": "close", "Retry-After": str(RETRY_SECONDS)})


def _too_slow(patience: Patience, *, silent: bool) -> Response:
    """The rest of the body is not read, so the connection is closed."""
    words = (
        f"Nothing arrived for {patience.silence:g} seconds; send the file again."
        if silent
        else f"The file did not arrive within {patience.whole:g} seconds; send it again on a faster line, or split the list."
    )
    return PlainTextResponse(words, 408, {"Connection": "close"})


def _too_large(most: int) -> Response:
    return PlainTextResponse(f"The plan accepts files up to {most // MEGABYTE} MB; split the list.", 413)
