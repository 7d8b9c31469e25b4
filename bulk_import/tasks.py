"""The job of a slice: some chunks, then the next slice takes its turn behind other imports."""

from uuid import UUID

from bulk_import import runner
from models.commands.jobs import handles
from models.connection import WORK, fetch_one, pool, transaction


@handles(runner.JOB)
async def import_slice(key: str) -> None:
    if await runner.run_slice(UUID(hex=key)):
        row = await fetch_one(
            pool(WORK), "select parsed_rows, judged_rows from bulk_import where id = $1", UUID(hex=key)
        )
        assert row is not None
        async with transaction(WORK) as tx:
            await runner.enqueue(tx, UUID(hex=key), f"{row['parsed_rows']}:{row['judged_rows']}")
