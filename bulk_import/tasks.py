"""The job that runs a slice, then enqueues the next slice behind other imports."""

from uuid import UUID

from bulk_import import runner
from models.commands.jobs import handles
from models.connection import WORK, pool, retry_while_transient, transaction
from models.tables.bulk_import import BulkImport


@handles(runner.JOB)
async def import_slice(key: str) -> None:
    if await runner.run_slice(UUID(hex=key)):
        await retry_while_transient(lambda: _enqueue_next(UUID(hex=key)))


async def _enqueue_next(key: UUID) -> None:
    row = await BulkImport.get(id=key, using_db=pool(WORK))
    async with transaction(WORK) as tx:
        await runner.enqueue(tx, row.id, f"{row.parsed_rows}:{row.judged_rows}")
