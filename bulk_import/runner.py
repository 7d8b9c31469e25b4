"""Runs a bulk import in slices: parses the file into rows, then judges them chunk by chunk.

Each chunk is one transaction that includes its checkpoint, fence, counters and notification, so that after a crash
another worker continues from the last committed chunk.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from bulk_import import open_files
from bulk_import.open_files import How
from bulk_import.row import ParsedRow
from bulk_import.warnings import add_warnings
from models.clock import clock
from models.commands import allowance, import_progress, jobs
from models.commands.allowance import AccountTerms
from models.commands.invite_many import ClaimedImport, FencedError, take_chunk
from models.commands.sequences import steps_reached
from models.connection import WORK, Db, execute, fetch, fetch_one, pool, retry_while_transient, transaction
from models.rules.enums import BulkImportState
from models.rules.errors import Refusal
from models.rules.lifecycle import CLAIMABLE, import_sources
from models.tables.bulk_import import BulkImport
from models.tables.location import Location

CHUNK, SLICE = 1000, 20
FIRST_CHUNK, CHUNK_SECONDS = 250, 0.5
"""Single invitations wait for the account's lock, which a transaction holds that judges rows. The first one of a slice takes few
rows, and the next ones as many as take about this long, at most a chunk."""
MAX_FAILURES, MAX_STARTS = 3, 20
"""So many errors at the same place, or lost workers, say that it is the list. Workers are also lost for other reasons."""
JOB = "import.slice"


async def enqueue(tx: Db, key: UUID, mark: object) -> None:
    """Enqueues the job of the next slice; `mark` distinguishes it from the previous one."""
    await jobs.enqueue(tx, JOB, key.hex, dedupe_key=f"import:{key.hex}:{mark}")


async def run_slice(key: UUID, chunks: int = SLICE) -> bool:
    """Runs some chunks of this import; waits while the database is unavailable. Returns True if work remains."""
    claimed = await retry_while_transient(lambda: _claim(key))
    if claimed is None:
        return False
    try:
        done = await retry_while_transient(lambda: _work(claimed, chunks))
    except FencedError:
        return False
    except Refusal as refusal:
        reason = refusal.message
        await retry_while_transient(lambda: _fail(claimed, reason))
        return False
    except Exception:
        await retry_while_transient(lambda: _count_failure(claimed))
        raise
    if done:
        await retry_while_transient(lambda: _finish(claimed))
    return not done


_FAILURE = "update bulk_import set failures = failures + 1 where id = $1 and fence = $2 returning failures"


async def _count_failure(claimed: ClaimedImport) -> None:
    """Fails an import that meets errors again and again."""
    row = await fetch_one(pool(WORK), _FAILURE, claimed.id, claimed.fence)
    if row is not None and row["failures"] >= MAX_FAILURES:
        await _fail(claimed, _BROKE_OFF)


_BROKE_OFF = "The import broke off several times at the same place; contact the administrator of this installation."


_CLAIM = """
update bulk_import set state = $2, fence = fence + 1, starts = starts + 1, started_at = coalesce(started_at, $4)
where id = $1 and state = any($3::text[]) returning id, account_id, location_id, fence, starts
"""


async def _claim(key: UUID) -> ClaimedImport | None:
    """Claims the import for this worker. Fails an import that has lost too many workers."""
    running = str(BulkImportState.RUNNING)
    async with transaction(WORK) as tx:
        row = await fetch_one(tx, _CLAIM, key, running, sorted(CLAIMABLE), clock.now())
        if row is not None:
            await import_progress.changed(tx, key)
    if row is None:
        return None
    claimed = ClaimedImport(row["id"], row["account_id"], row["location_id"], row["fence"])
    if row["starts"] > MAX_STARTS:
        await _fail(claimed, _BROKE_OFF)
        return None
    return claimed


async def _work(claimed: ClaimedImport, left: int) -> bool:
    """Runs up to `left` chunks. Returns True once every row is judged."""
    row = await _row(claimed)
    if not row.is_read:
        left -= await _parse(claimed, row, left)
        row = await _row(claimed)
    if row.is_read and not row.judged_rows:
        # Rows just copied in have no statistics: the planner would expect one row instead of a thousand.
        await execute(pool(WORK), "analyze import_row")
    size, last = min(FIRST_CHUNK, CHUNK), row.judged_rows + left * CHUNK
    while row.is_read and row.is_unfinished and row.judged_rows < last:
        started = time.monotonic()
        async with transaction(WORK) as tx:
            await take_chunk(tx, claimed, min(row.judged_rows + size, last, row.parsed_rows), clock.now())
        size = next_size(size, time.monotonic() - started)
        row = await _row(claimed)
    return row.is_read and not row.is_unfinished


def next_size(size: int, seconds: float) -> int:
    """How many rows to judge next: as many as the last ones say fit into the time for which others may wait, and at most twice as
    many as these."""
    fits = size * CHUNK_SECONDS / max(seconds, 0.001)
    return max(1, min(CHUNK, 2 * size, round(fits)))


async def _row(claimed: ClaimedImport) -> BulkImport:
    return await BulkImport.get(id=claimed.id, using_db=pool(WORK))


async def _parse(claimed: ClaimedImport, row: BulkImport, most: int) -> int:
    """Continues parsing the file. Returns the number of chunks parsed."""
    terms, how = await _how(claimed, row)
    parsed: int = row.parsed_rows
    rows = await open_files.rows_from(claimed.id, row.upload_id, how, parsed)
    for number in range(1, most + 1):
        chunk = await asyncio.to_thread(rows.take, parsed, CHUNK)
        parsed += len(chunk)
        if parsed > terms.facts.upload_rows:
            most_rows = f"{terms.facts.upload_rows:,}"
            await _fail(claimed, f"The file has more than the {most_rows} records that the plan allows.")
            raise FencedError
        ended = len(chunk) < CHUNK
        await _store_rows(claimed, chunk, ended=ended, again=row.total_rows is not None)
        if ended:
            return number
    open_files.keep(claimed.id, rows)
    return most


async def _how(claimed: ClaimedImport, row: BulkImport) -> tuple[AccountTerms, How]:
    async with transaction(WORK) as tx:
        terms = await allowance.lock_one(tx, claimed.account_id)
        steps = await steps_reached(tx, claimed.location_id, row.channels, terms.facts)
    location = await Location.get(id=claimed.location_id, using_db=pool(WORK))
    return terms, How(tuple(row.columns), location.country, frozenset(step.channel for step in steps))


_CHECKPOINT = """
update bulk_import set parsed_rows = parsed_rows + $3, starts = 0, failures = 0,
  total_rows = case when $4 then parsed_rows + $3 else total_rows end
where id = $1 and fence = $2 and state = $5 returning id
"""
_ROW_COLUMNS = [
    "bulk_import_id", "account_id", "row", "cells", "first_name", "last_name", "email", "phone", "phone_national",
    "employee", "service", "code",
]  # fmt: skip
_FAULT_COLUMNS = ["bulk_import_id", "account_id", "row", "ordinal", "column_name", "value", "code", "message"]


async def _store_rows(claimed: ClaimedImport, rows: Sequence[ParsedRow], *, ended: bool, again: bool) -> None:
    """`again`: the file was read before, for other channels."""
    async with transaction(WORK) as tx:
        running = str(BulkImportState.RUNNING)
        if await fetch_one(tx, _CHECKPOINT, claimed.id, claimed.fence, len(rows), ended, running) is None:
            raise FencedError
        if again:
            await execute(tx, _FORGET, claimed.id, [row.number for row in rows])
        async with tx.acquire_connection() as connection:
            await _copy(connection, claimed, rows)
        await add_warnings(tx, claimed.id, rows)
        await import_progress.changed(tx, claimed.id)


_FORGET = """
with gone as (delete from import_row where bulk_import_id = $1 and row = any($2::int[]))
delete from import_row_error where bulk_import_id = $1 and row = any($2::int[])
"""


async def _copy(connection: asyncpg.Connection, claimed: ClaimedImport, rows: Sequence[ParsedRow]) -> None:
    head = (claimed.id, claimed.account_id)
    await connection.copy_records_to_table(
        "import_row",
        columns=_ROW_COLUMNS,
        records=[
            (*head, row.number, row.cells, row.first_name, row.last_name, row.email, row.phone, row.phone_national,
             row.employee, row.service, str(row.faults[0].code) if row.faults else None)
            for row in rows
        ],
    )  # fmt: skip
    await connection.copy_records_to_table(
        "import_row_error",
        columns=_FAULT_COLUMNS,
        records=[
            (*head, row.number, ordinal, fault.column, fault.value, str(fault.code), fault.message)
            for row in rows
            for ordinal, fault in enumerate(row.faults)
        ],
    )


_END = """
update bulk_import set state = $3, error = $4, finished_at = $5
where id = $1 and fence = $2 and state = any($6::text[]) returning id
"""


async def _finish(claimed: ClaimedImport) -> None:
    row = await _row(claimed)
    await _end(claimed, BulkImportState.VALIDATED if row.dry_run else BulkImportState.COMPLETED, None, clock.now())


async def _fail(claimed: ClaimedImport, error: str) -> None:
    """Fails the import with an error message for its user."""
    await _end(claimed, BulkImportState.FAILED, error, clock.now())


async def _end(claimed: ClaimedImport, state: BulkImportState, error: str | None, now: datetime) -> None:
    """Unless another worker has claimed the import since."""
    open_files.close(claimed.id)
    async with transaction(WORK) as tx:
        given = (claimed.id, claimed.fence, str(state), error, now, import_sources(state, *CLAIMABLE))
        if await fetch_one(tx, _END, *given):
            await import_progress.changed(tx, claimed.id)


_UNFINISHED = "select id, fence from bulk_import where state = any($1::text[])"


async def resume_idle() -> int:
    """Enqueues unfinished imports without a job; returns how many."""
    rows = await fetch(pool(WORK), _UNFINISHED, sorted(CLAIMABLE))
    busy = await jobs.keys(pool(WORK), JOB) if rows else set()
    idle = [row for row in rows if row["id"].hex not in busy]
    for row in idle:
        async with transaction(WORK) as tx:
            await enqueue(tx, row["id"], f"again:{row['fence']}")
    return len(idle)


async def run(key: UUID) -> None:
    """Runs the whole import in this task, for the shell and the demo."""
    while await run_slice(key):
        pass
