"""The jobs of imports: one runs a slice, then enqueues the next one behind other imports; one retimes or ends what an import has
invited, after it was resumed or cancelled."""

from datetime import datetime
from uuid import UUID

from bulk_import import runner
from models.clock import clock
from models.commands import import_control, jobs
from models.commands.import_control import Change
from models.commands.jobs import handles
from models.connection import WORK, Db, pool, retry_while_transient, transaction
from models.tables.bulk_import import BulkImport

CHANGE = "import.change"


@handles(runner.JOB)
async def import_slice(key: str) -> None:
    if await runner.run_slice(UUID(hex=key)):
        await retry_while_transient(lambda: _enqueue_next(UUID(hex=key)))


async def _enqueue_next(key: UUID) -> None:
    row = await BulkImport.get(id=key, using_db=pool(WORK))
    async with transaction(WORK) as tx:
        await runner.enqueue(tx, row.id, f"{row.parsed_rows}:{row.judged_rows}")


async def enqueue_change(tx: Db, key: UUID) -> None:
    """Enqueues the job that goes on with what `change_some` has begun."""
    await jobs.enqueue(tx, CHANGE, key.hex, dedupe_key=f"{CHANGE}:{key.hex}")


async def change_some(tx: Db, key: UUID, now: datetime) -> bool:
    """Retimes some invitations of an import that is being resumed, or ends some of a cancelled one. Returns whether nothing is left
    to change now; then, rows that are left get a job."""
    change = await import_control.change_some(tx, key, now)
    if change is Change.GOES_ON:
        await runner.enqueue(tx, key, f"resumed:{now.timestamp()}")
    return change is not Change.MORE


@handles(CHANGE)
async def change_all(key: str) -> None:
    while not await retry_while_transient(lambda: _change_some(UUID(hex=key))):
        pass


async def _change_some(key: UUID) -> bool:
    async with transaction(WORK) as tx:
        return await change_some(tx, key, clock.now())


async def finish_changes() -> None:
    """Goes on with imports whose job was lost, or whose message was being handed over when they were cancelled."""
    for key in await import_control.changing(pool(WORK)):
        await change_all(key.hex)
