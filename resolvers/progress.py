"""Bulk imports and their live progress: every wake-up reads the row, and decides again who may see it."""

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from models.reads import bulk_import_rows
from models.reads.bulk_import_rows import ENDED, BulkImportRow
from models.rules import ids
from permissions.viewer import Seat
from resolvers.context import Context
from resolvers.cursors import Slice
from resolvers.errors import bad_input
from resolvers.pages import Page, page_of

READ_AGAIN_SECONDS = 5.0


async def find(context: Context, id: str, seat: Seat | None = None) -> BulkImportRow | None:
    """Within the viewer's scope, and, with a seat, of that account."""
    key = ids.parse_id(ids.BULK_IMPORT, id)
    if key is None:
        return None
    await context.open("bulk_import", [key])
    for row in await bulk_import_rows.by_ids(context.reads, [key]):
        of_account = await context.seat(row.account_id)
        if of_account and of_account.sees(row.location.id) and (seat is None or row.account_id == seat.account.id):
            return row
    return None


async def of_invitation(context: Context, key: UUID) -> BulkImportRow:
    async def read(keys: Sequence[UUID]) -> dict[UUID, BulkImportRow]:
        return {row.id: row for row in await bulk_import_rows.by_ids(context.reads, keys)}

    return await context.load("bulk import", read, key)


async def imports(context: Context, seat: Seat, window: Slice) -> Page[BulkImportRow]:
    name = f"imports:{seat.account.id.hex}"
    behind = None
    if window.cursor is not None:
        at, key = context.cursors.read(name, window.cursor)
        behind = (datetime.fromisoformat(at), UUID(key))
    rows = await bulk_import_rows.of_account(context.reads, seat.account.id, seat.locations, window.limit + 1, behind)
    return page_of(rows, window, lambda row: context.cursors.make(name, row.created_at, row.id.hex))


async def row_errors(context: Context, key: UUID, window: Slice) -> Page[bulk_import_rows.RowError]:
    name = f"rowErrors:{key.hex}"
    behind = None
    if window.cursor is not None:
        row, ordinal = context.cursors.read(name, window.cursor)
        behind = (int(row), int(ordinal))
    rows = await bulk_import_rows.row_errors(context.reads, key, window.limit + 1, behind)
    return page_of(rows, window, lambda one: context.cursors.make(name, one.row, one.ordinal))


async def follow(context: Context, id: str, after_seq: int | None) -> AsyncGenerator[BulkImportRow, None]:
    """The present state, then each change (the latest wins), until it ends; only what is newer than `after_seq`."""
    key = ids.parse_id(ids.BULK_IMPORT, id)
    seen = -1 if after_seq is None else after_seq
    with context.shared.live.wakes(key.hex if key else "") as wake:
        while True:
            wake.clear()
            row = await _present(context, id)
            if row.seq > seen:
                seen = row.seq
                yield row
            if row.state in ENDED:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), READ_AGAIN_SECONDS)


async def _present(context: Context, id: str) -> BulkImportRow:
    """Read and decided on anew; a database that is away for a moment is waited for."""
    while True:
        now = context.fork()
        try:
            row = await find(now, id)
        except Exception as error:
            if not context.shared.is_passing(error):
                raise
            await asyncio.sleep(random.uniform(0.2, 1.0))  # noqa: S311 - jitter
            continue
        if row is None:
            raise bad_input("bulkImportId names no bulk import.")
        context.seats[row.account_id] = now.require("Subscription.importProgress", row.account_id)
        return row
