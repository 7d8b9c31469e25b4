"""Uploads that a member can import."""

from bulk_import.uploads import MEGABYTE
from models.reads import uploads
from models.reads.uploads import UploadRow
from models.rules import ids
from models.rules.errors import FileTooLarge, NotFound
from permissions.viewer import Seat
from resolvers.context import Context


def missing() -> NotFound:
    return NotFound("No upload has this id; send the file to POST /uploads first.", ["uploadId"])


async def importable(context: Context, seat: Seat, id: str) -> UploadRow:
    """The upload that the viewer can import into the seat's account. Raises NotFound."""
    key, viewer = ids.parse_id(ids.UPLOAD, id), await context.viewer()
    found = await uploads.importable(context.reads, key, seat.account.id, viewer.id) if key else None
    if found is None:
        raise missing()
    return found


def check_size(upload: UploadRow, seat: Seat) -> None:
    """Raises FileTooLarge: the limit is that of the account which imports, not of the one which uploaded."""
    limit = seat.account.facts.upload_megabytes
    if upload.size > limit * MEGABYTE:
        raise FileTooLarge(f"The account's plan accepts files up to {limit} MB; split the list.", ["uploadId"])
