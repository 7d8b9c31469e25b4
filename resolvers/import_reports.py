"""Error reports of imports: their addresses, and what they contain."""

from collections.abc import AsyncIterator
from uuid import UUID

from bulk_import.report import Reason
from models.reads import bulk_import_rows, uploads
from models.reads.bulk_import_rows import BulkImportRow
from models.reads.keyset import Position
from models.reads.uploads import StoredFile
from models.rules import ids
from permissions.viewer import Seat
from resolvers.context import Context
from resolvers.scope import BULK_IMPORT, find

_AT_ONCE = 1000


def address(context: Context, row: BulkImportRow) -> str | None:
    """None if every row was taken."""
    links, identity = context.shared.reports, context.identity
    if links is None or identity is None or not row.skipped_rows + row.invalid_rows:
        return None
    return links.address(row.id, identity.issuer, identity.subject, context.now)


async def open_report(context: Context, key: UUID) -> tuple[BulkImportRow, Seat] | None:
    """The import, and the member's seat. None if they cannot see it; raises FORBIDDEN and UNAUTHENTICATED as the API does."""
    row = await find(context, BULK_IMPORT, ids.public_id(ids.BULK_IMPORT, key))
    return (row, context.require("BulkImport", row.account_id)) if row else None


async def stored_file(context: Context, row: BulkImportRow) -> StoredFile | None:
    """The import's file; None if it is no longer stored."""
    return await uploads.of_import(context.reads, row.id)


async def reasons(context: Context, row: BulkImportRow, seat: Seat) -> AsyncIterator[Reason]:
    """The first error of each row, in file order."""
    after: Position | None = None
    while errors := await bulk_import_rows.row_errors(context.reads, row.id, seat.scope, _AT_ONCE, after):
        for error in errors:
            if after is None or error.row != after.value:
                yield Reason(error.row, str(error.code), error.message)
            after = Position(error.row, error.ordinal)
