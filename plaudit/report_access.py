"""GET /reports/{token}.csv: the rows of an import that were not taken, for the member who asked for the address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from bulk_import import storage
from bulk_import.reader import ListFile, open_list
from bulk_import.report import report
from models.clock import clock
from models.faults import is_transient
from models.reads.bulk_import_rows import BulkImportRow
from permissions.viewer import Seat
from plaudit.edge import unavailable
from resolvers import import_reports
from resolvers.context import Context, Identity, Shared

_HEADERS = {
    "Content-Disposition": 'attachment; filename="not-imported.csv"',
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
MAX_AT_ONCE, MAX_SECONDS = 10, 900.0
"""Reports that one gateway process sends at the same time, each reading its list's file again; and how long one may take."""
_TOO_MANY = "Too many reports are being downloaded; try again in a few seconds."
_INVALID = "This address is not valid or has expired; ask for errorReportUrl again."
_GONE = "The file of this import is no longer stored, so there is no report."


@dataclass(frozen=True, slots=True)
class _Opened:
    """An import whose report its reader may have."""

    context: Context
    row: BulkImportRow
    seat: Seat
    file: ListFile
    language: str


class _Report(StreamingResponse):
    """Holds one of the slots until the reader has it all, or has taken too long."""

    def __init__(self, opened: _Opened, slots: asyncio.Semaphore) -> None:
        super().__init__(_body(opened), media_type="text/csv; charset=utf-8", headers=_HEADERS)
        self._slots = slots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(MAX_SECONDS), self._slots:
                await super().__call__(scope, receive, send)


def routes(shared: Shared, most: int = MAX_AT_ONCE) -> list[BaseRoute]:
    """At most so many reports are opened, and as many sent, at the same time."""
    opening, sending = asyncio.Semaphore(most), asyncio.Semaphore(most)

    async def download(request: Request) -> Response:
        if opening.locked() or sending.locked():
            return PlainTextResponse(_TOO_MANY, 429, {"Retry-After": "5"})
        try:
            async with opening:
                opened = await _open(shared, request.path_params["token"])
        except GraphQLError as refused:
            return PlainTextResponse(refused.message, 403)
        except Exception as error:
            if is_transient(error):
                return unavailable(request.scope)
            raise
        if isinstance(opened, Response):
            return opened
        return _Report(opened, sending)

    return [Route("/reports/{token}.csv", download, methods=["GET"])]


async def _open(shared: Shared, token: str) -> _Opened | Response:
    found = shared.reports.read(token, clock.now()) if shared.reports else None
    if found is None:
        return PlainTextResponse(_INVALID, 404)
    context = Context(shared, Identity(found.issuer, found.subject, None, found.expires_at))
    opened = await import_reports.open_report(context, found.bulk_import_id)
    if opened is None:
        return PlainTextResponse(_INVALID, 404)
    row, seat = opened
    stored = await import_reports.stored_file(context, row)
    if stored is None:
        return PlainTextResponse(_GONE, 410)
    file = await storage.read(stored.upload_id, lambda pieces: open_list(pieces, stored.columns))
    return _Opened(context, row, seat, file, stored.language)


def _body(opened: _Opened) -> AsyncIterator[bytes]:
    return report(opened.file, import_reports.reasons(opened.context, opened.row, opened.seat), opened.language)
