"""GET /reports/{token}.csv: the rows of an import that were not taken, for the member who asked for the address."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

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
MAX_AT_ONCE = 10
"""Reports that one gateway process sends at the same time; each reads its list's file again."""
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


def routes(shared: Shared) -> list[BaseRoute]:
    slots = asyncio.Semaphore(MAX_AT_ONCE)

    async def download(request: Request) -> Response:
        if slots.locked():
            return PlainTextResponse(_TOO_MANY, 429, {"Retry-After": "5"})
        try:
            opened = await _open(shared, request.path_params["token"])
        except GraphQLError as refused:
            return PlainTextResponse(refused.message, 403)
        except Exception as error:
            if is_transient(error):
                return unavailable(request.scope)
            raise
        if isinstance(opened, Response):
            return opened
        return StreamingResponse(_body(opened, slots), media_type="text/csv; charset=utf-8", headers=_HEADERS)

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
    loop = asyncio.get_running_loop()
    file = await asyncio.to_thread(lambda: open_list(storage.pieces(stored.upload_id, loop), stored.columns))
    return _Opened(context, row, seat, file)


async def _body(opened: _Opened, slots: asyncio.Semaphore) -> AsyncIterator[bytes]:
    reasons = import_reports.reasons(opened.context, opened.row, opened.seat)
    async with slots:
        async for piece in report(opened.file, reasons):
            yield piece
