"""Workers that are stopped in the middle of an import, and go on after another one has taken it: they change nothing more."""

import asyncio
import random

import pytest

from tests.faults.importers import Importers, importers, mixed
from tests.faults.test_import_killed import SEEDS, callbacks, undisturbed

_END_BLOCKERS = """
-- Ends sessions that hold what others wait for, as idle_in_transaction_session_timeout does after half a minute.
select pg_terminate_backend(holds.pid)
from pg_stat_activity waits cross join unnest(pg_blocking_pids(waits.pid)) as found (pid)
join pg_stat_activity holds on holds.pid = found.pid
where waits.datname = current_database() and holds.state = 'idle in transaction'
"""


async def finish_beside(workers: Importers) -> None:
    """Finishes all imports while a worker is stopped."""
    await workers.send("finish")
    ended = asyncio.create_task(workers.answer())
    while not ended.done():
        await workers.connection.execute(_END_BLOCKERS)
        await asyncio.sleep(0.02)
    assert await ended == "ended"


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_worker_that_goes_on_after_its_import_was_finished_changes_nothing(seed: int, worker_id: str) -> None:
    records = mixed(random.Random(seed))
    async with importers(f"plaudit_import_stopped_{worker_id}") as workers:
        outcome = await undisturbed(workers, records)
        for places in callbacks(seed):
            names = await workers.prepare(len(places), records)
            stops = [await stop(workers, name, callback) for name, callback in zip(names, places, strict=True)]
            for name in names:
                await workers.check_ended(name, "COMPLETED", outcome)
            if not all(stops):
                break


async def stop(workers: Importers, name: str, callback: int) -> bool:
    """Stops a worker of the import until another one has finished it."""
    fate = await workers.run("stop", await workers.key(name), callback)
    if fate == "ended":
        return False
    assert fate == "stopped"
    await finish_beside(workers)
    before = await workers.stored(name)
    assert await workers.run("continue") == "ended"
    assert await workers.stored(name) == before
    return True
