"""Live progress of a bulk import: each wake-up reads the row and decides again who may see it."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import suppress

from models.reads.bulk_import_rows import ENDED, BulkImportRow
from models.rules import ids
from resolvers.context import Context
from resolvers.errors import bad_input
from resolvers.scope import BULK_IMPORT, find

READ_AGAIN_SECONDS = 5.0


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
            row = await find(now, BULK_IMPORT, id)
        except Exception as error:
            if not context.shared.is_passing(error):
                raise
            await asyncio.sleep(random.uniform(0.2, 1.0))  # noqa: S311 - jitter
            continue
        if row is None:
            raise bad_input("No bulk import has the id bulkImportId.")
        context.seats[row.account_id] = now.require("Subscription.importProgress", row.account_id)
        return row
