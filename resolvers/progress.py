"""Live progress of a bulk import; every wake-up reads the row and checks permissions again."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from models.connection import retry_while_transient
from models.reads.bulk_import_rows import ENDED, BulkImportRow
from models.rules import ids
from resolvers.context import Context
from resolvers.errors import bad_input
from resolvers.scope import BULK_IMPORT, find

POLL_SECONDS = 5.0
MAX_PER_SECOND = 4
MIN_SECONDS = 1.2 / MAX_PER_SECOND
"""From one state to the next; changes in between are seen in the next one. Longer than needed, since networks shift events."""
MAX_DIGITS = 10


async def follow(context: Context, id: str, after_seq: int | None) -> AsyncGenerator[BulkImportRow, None]:
    """Yields the current state and then, after changes, the latest one until the import ends, at most one in MIN_SECONDS; with
    `after_seq`, only newer states, unless the import has not come that far."""
    key = ids.parse_id(ids.BULK_IMPORT, id)
    seen = _last_seq(context) if after_seq is None else after_seq
    with context.shared.live.wake_event(key.hex if key else "") as wake:
        while True:
            wake.clear()
            row = await _read_current(context, id)
            is_new = row.seq != seen  # it only increases; a higher one is from elsewhere
            if is_new:
                seen = row.seq
                context.event_id = str(seen)
                yield row
            if row.state in ENDED:
                return
            if is_new:
                await asyncio.sleep(MIN_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), POLL_SECONDS)


def _last_seq(context: Context) -> int:
    """The seq of the last event that the client has; -1 if it has none."""
    given = context.last_event_id
    if given is None:
        return -1
    if not given.isdecimal() or len(given) > MAX_DIGITS:
        raise bad_input("Last-Event-ID is not a seq of importProgress.")
    return int(given)


async def _read_current(context: Context, id: str) -> BulkImportRow:
    """Reads the row and checks permissions again; waits while the database is unavailable."""

    async def read() -> tuple[Context, BulkImportRow | None]:
        fresh = context.fork()
        return fresh, await find(fresh, BULK_IMPORT, id)

    fresh, row = await retry_while_transient(read, "import progress waits for the database")
    if row is None:
        raise bad_input("bulkImportId does not match a bulk import.")
    context.seats[row.account_id] = fresh.require("Subscription.importProgress", row.account_id)
    return row
