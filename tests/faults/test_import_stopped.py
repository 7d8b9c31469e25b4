"""Workers that are stopped in the middle of an import, and go on after another one has taken it: they change nothing more."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest

from tests.faults.importers import Importers, importers, mixed
from tests.faults.test_import_killed import SAMPLE, SEEDS, callbacks, control, undisturbed
from tests.faults.test_worker_killed import ROWS, begin, counts, until
from tests.processes import Processes, processes

_END_BLOCKERS = """
-- Ends sessions that hold what others wait for while their client is silent, as the server's own limits do after half a minute.
select pg_terminate_backend(holds.pid)
from pg_stat_activity waits cross join unnest(pg_blocking_pids(waits.pid)) as found (pid)
join pg_stat_activity holds on holds.pid = found.pid
where waits.datname = current_database() and holds.wait_event = 'ClientRead'
"""


async def run_beside(workers: Importers, command: str, *given: object) -> str:
    """Runs a command while a worker is stopped; what became of its process."""
    await workers.send(command, *given)
    ended = asyncio.create_task(workers.answer())
    while not ended.done():
        await workers.connection.execute(_END_BLOCKERS)
        await asyncio.sleep(0.02)
    return await ended


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_worker_that_goes_on_after_its_import_was_finished_changes_nothing(seed: int, worker_id: str) -> None:
    records = mixed(random.Random(seed))
    async with importers(f"plaudit_import_stopped_{worker_id}") as workers:
        outcome = await undisturbed(workers, records)
        for callback in itertools.chain.from_iterable(callbacks(seed, apart=9)):
            (name,) = await workers.prepare(1, records)
            if not await stop(workers, name, callback):
                break
            assert await run_beside(workers, "finish") == "ended"
            before = await workers.stored(name)
            assert await workers.run("continue") == "ended"
            assert await workers.stored(name) == before
            await workers.check_ended(name, "COMPLETED", outcome)


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_worker_that_goes_on_in_the_middle_of_anothers_work_does_nothing_twice(
    seed: int, worker_id: str
) -> None:
    """The other one is killed anywhere, so the import is still running."""
    chance = random.Random(seed)
    records = mixed(chance)
    async with importers(f"plaudit_import_fenced_{worker_id}") as workers:
        outcome = await undisturbed(workers, records)
        for callback in itertools.chain.from_iterable(callbacks(seed, apart=9)):
            (name,) = await workers.prepare(1, records)
            if not await stop(workers, name, callback):
                break
            await run_beside(workers, "work", await workers.key(name), chance.choice(SAMPLE))
            assert await workers.run("continue") == "ended"
            await workers.check(name)
            assert await workers.run("finish") == "ended"
            await workers.check_ended(name, "COMPLETED", outcome)


async def stop(workers: Importers, name: str, callback: int) -> bool:
    """Stops a worker of the import at this callback. False if it was done before."""
    fate = await workers.run("stop", await workers.key(name), callback)
    assert fate in ("stopped", "ended")
    return fate == "stopped"


@pytest.mark.long
async def test_a_worker_that_goes_on_after_a_dry_run_does_not_end_the_import_that_followed(worker_id: str) -> None:
    """Stopped at the end of the dry run, which another worker then ends; it goes on while a third one is lost."""
    records = mixed(random.Random(0))
    async with importers(f"plaudit_import_ended_{worker_id}") as workers:
        outcome = await undisturbed(workers, records)
        last = await callbacks_of_a_dry_run(workers, records)
        for callback in range(last - 90, last, 6):
            (name,) = await workers.prepare(1, records, dry_run=True)
            assert await stop(workers, name, callback)
            assert await run_beside(workers, "finish") == "ended"
            await control(workers, "start", name)
            assert await workers.run("work", await workers.key(name), 200) == "killed"
            assert await workers.run("continue") == "ended"
            assert await workers.run("finish") == "ended"
            await workers.check_ended(name, "COMPLETED", outcome)


async def callbacks_of_a_dry_run(workers: Importers, records: list[str]) -> int:
    """The number of the callback with which a worker has done everything."""
    low, high = 1, 2000
    while low < high:
        middle = (low + high) // 2
        (name,) = await workers.prepare(1, records, dry_run=True)
        ended = await workers.run("work", await workers.key(name), middle) == "ended"
        low, high = (low, middle) if ended else (middle + 1, high)
    return low


@pytest.fixture
async def plaudit(tmp_path: Path, worker_id: str) -> AsyncIterator[Processes]:
    async with processes(f"plaudit_lease_{worker_id}", tmp_path) as running:
        yield running


LONG_SECONDS = 180
_COMPLETED = "select count(*) from bulk_import where state = 'COMPLETED' and fence > 1"
_SETTLED = "select count(*) = $1 from message where step = 1 and state in ('SENT', 'UNKNOWN')"
_IN_A_CHUNK = """
select count(*) > 0 from bulk_import, pg_stat_activity a
where {} and a.datname = current_database() and a.pid <> pg_backend_pid() and a.state in ('active', 'idle in transaction')
  and a.query ~ 'import_row|^COPY'
"""


@pytest.mark.long
@pytest.mark.parametrize(
    "condition", ["parsed_rows >= 1000", "judged_rows >= 1000"], ids=["while reading", "while inviting"]
)
async def test_a_worker_stopped_in_a_chunk_until_its_lease_expires_does_nothing_twice(
    plaudit: Processes, condition: str
) -> None:
    stopped = await plaudit.start("worker")
    await begin(plaudit, "import")
    await until(plaudit, _IN_A_CHUNK.format(condition))
    stopped.send_signal(SIGSTOP)
    try:
        await plaudit.start("worker")
        await until(plaudit, _COMPLETED, seconds=LONG_SECONDS)
    finally:
        stopped.send_signal(SIGCONT)
    await until(plaudit, _SETTLED, ROWS, seconds=LONG_SECONDS)
    found = await counts(plaudit)
    assert (found["invitations"], found["customers"], found["messages"]) == (ROWS, ROWS, 4 * ROWS)
    assert (found["charged"], found["reserved"]) == (found["sent"], found["unknown"])
    assert max(plaudit.world.relay.copies.values()) == 1
    assert stopped.returncode is None


_COPYING = """
select count(*) > 0 from pg_stat_activity
where datname = current_database() and state = 'active' and wait_event = 'ClientRead' and query ~ '^COPY'
  and query_start < clock_timestamp() - make_interval(secs => $1)
"""
_TAKEN_AND_READ = "select count(*) > 0 from bulk_import where fence > 1 and total_rows is not null"
MANY = 20_000


@pytest.mark.long
async def test_a_worker_stopped_in_a_copy_does_not_keep_its_import(plaudit: Processes) -> None:
    """PostgreSQL's time limits do not apply to a session that waits for the rows of a COPY."""
    stopped = await plaudit.start("worker")
    await begin(plaudit, "import", MANY)
    await stop_in_a_copy(plaudit, stopped)
    try:
        await plaudit.start("worker")
        await until(plaudit, _TAKEN_AND_READ, seconds=LONG_SECONDS)
        assert stopped.returncode is None
    finally:
        stopped.send_signal(SIGCONT)


async def stop_in_a_copy(plaudit: Processes, worker: asyncio.subprocess.Process) -> None:
    """Stops and continues the worker until a COPY waits for it."""
    for _ in range(100):
        await until(plaudit, _COPYING, 0.0)
        worker.send_signal(SIGSTOP)
        with suppress(TimeoutError):
            return await until(plaudit, _COPYING, 0.5, seconds=0.6)
        worker.send_signal(SIGCONT)
    raise AssertionError("the worker was never stopped in a COPY")
