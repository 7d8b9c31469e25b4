"""Counts a chunk's warnings on its import."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from bulk_import.row import ParsedRow
from models.connection import Db
from models.rules.row_warning import ImportRowWarning, counted
from models.tables.bulk_import import BulkImport


async def add_warnings(tx: Db, key: UUID, rows: Sequence[ParsedRow]) -> None:
    """In the transaction of the chunk's checkpoint, which has locked the import."""
    found = [cell for row in rows for cell in row.left_out]
    if found:
        stored = (await BulkImport.get(id=key, using_db=tx)).warnings
        warnings = [asdict(one) for one in counted(map(ImportRowWarning.of, stored), found)]
        await BulkImport.filter(id=key).using_db(tx).update(warnings=warnings)
