"""Previews of uploaded files before they are imported."""

import asyncio
from uuid import UUID

from bulk_import import storage
from bulk_import.preview import Preview
from bulk_import.preview import preview as read_preview
from bulk_import.uploads import MEGABYTE
from models.reads import uploads
from models.reads.uploads import UploadRow
from models.rules import ids
from models.rules.errors import FileTooLarge, NotFound
from permissions.viewer import Seat
from resolvers import accounts
from resolvers.context import Context
from resolvers.scope import UPLOAD, find


async def preview(context: Context, upload_id: str) -> Preview:
    """Reads the beginning of an upload that the viewer can import. Raises a Refusal."""
    upload, seat = await _find(context, upload_id)
    context.require("Mutation.previewBulkImport", seat.account.id)
    limit = seat.account.facts.upload_megabytes
    if upload.size > limit * MEGABYTE:
        raise FileTooLarge(f"The account's plan accepts files up to {limit} MB; split the list.", ["uploadId"])
    return await _read(upload.id)


async def _find(context: Context, upload_id: str) -> tuple[UploadRow, Seat]:
    """The upload, with the seat in the account that it belongs to; or in the acting account, if the viewer uploaded it while
    acting for another one."""
    if (row := await find(context, UPLOAD, upload_id)) is not None:
        return row, context.seats[row.account_id]
    key, seat, viewer = ids.parse_id(ids.UPLOAD, upload_id), await accounts.acting_seat(context), await context.viewer()
    own = await uploads.importable(context.reads, key, seat.account.id, viewer.id) if key and seat else None
    if own is None or seat is None:
        raise NotFound("No upload has this id; send the file to POST /uploads first.", ["uploadId"])
    return own, seat


async def _read(upload: UUID) -> Preview:
    loop = asyncio.get_running_loop()
    return await asyncio.to_thread(lambda: read_preview(storage.pieces(upload, loop)))
