"""Previews of uploaded files before they are imported."""

from bulk_import import storage
from bulk_import.preview import Preview
from bulk_import.preview import preview as read_preview
from models.reads.uploads import UploadRow
from permissions.viewer import Seat
from resolvers import accounts, uploads
from resolvers.context import Context
from resolvers.scope import UPLOAD, find


async def preview(context: Context, upload_id: str) -> Preview:
    """Reads the beginning of an upload that the viewer can import. Raises a Refusal."""
    upload, seat = await _find(context, upload_id)
    context.require("Mutation.previewBulkImport", seat.account.id)
    uploads.check_size(upload, seat)
    return await storage.read(upload.id, read_preview)


async def _find(context: Context, upload_id: str) -> tuple[UploadRow, Seat]:
    """The upload, with the seat in the account that it belongs to; or in the acting account, if the viewer uploaded it while
    acting for another one."""
    if (row := await find(context, UPLOAD, upload_id)) is not None:
        return row, context.seats[row.account_id]
    seat = await accounts.acting_seat(context)
    if seat is None:
        raise uploads.missing()
    return await uploads.importable(context, seat, upload_id), seat
