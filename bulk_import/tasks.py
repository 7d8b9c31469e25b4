"""The jobs of imports: one runs a slice, then enqueues the next one behind other imports; one ends what a cancelled import invited,
and one retimes what a resumed import has queued."""

from uuid import UUID

from bulk_import import runner
from models.clock import clock
from models.commands import import_control, jobs
from models.commands.jobs import handles
from models.connection import WORK, Db, pool, retry_while_transient, transaction
from models.rules.enums import BulkImportState
from models.tables.bulk_import import BulkImport

CANCEL, RESUME = "import.cancel", "import.resume"


@handles(runner.JOB)
async def import_slice(key: str) -> None:
    if await runner.run_slice(UUID(hex=key)):
        await retry_while_transient(lambda: _enqueue_next(UUID(hex=key)))


async def _enqueue_next(key: UUID) -> None:
    row = await BulkImport.get(id=key, using_db=pool(WORK))
    async with transaction(WORK) as tx:
        await runner.enqueue(tx, row.id, f"{row.parsed_rows}:{row.judged_rows}")


async def enqueue_cancel(tx: Db, key: UUID) -> None:
    """Enqueues the job that ends the invitations of a cancelled import."""
    await jobs.enqueue(tx, CANCEL, key.hex, dedupe_key=f"{CANCEL}:{key.hex}")


@handles(CANCEL)
async def end_cancelled(key: str) -> None:
    while await retry_while_transient(lambda: _end_some(UUID(hex=key))):
        pass


async def _end_some(key: UUID) -> int:
    async with transaction(WORK) as tx:
        return await import_control.end_some(tx, key, clock.now())


async def enqueue_resume(tx: Db, key: UUID) -> None:
    """Enqueues the job that retimes what a resumed import has queued."""
    await jobs.enqueue(tx, RESUME, key.hex, dedupe_key=f"{RESUME}:{key.hex}")


@handles(RESUME)
async def go_on(key: str) -> None:
    while not await retry_while_transient(lambda: _resume_some(UUID(hex=key))):
        pass


async def _resume_some(key: UUID) -> bool:
    """True once the import goes on."""
    async with transaction(WORK) as tx:
        state = await import_control.resume_some(tx, key, clock.now())
        if state is BulkImportState.RUNNING:
            await runner.enqueue(tx, key, "resumed")
        return state is not None


async def finish_leftovers() -> None:
    """Ends invitations of cancelled imports, and resumes imports, whose job was lost; and those whose message was being handed
    over."""
    for key in await import_control.unended(pool(WORK)):
        await end_cancelled(key.hex)
    for key in await import_control.being_resumed(pool(WORK)):
        await go_on(key.hex)
