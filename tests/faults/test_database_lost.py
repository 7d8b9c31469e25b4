"""Losing the database during an import: it resumes, subscriptions continue, and no e-mail is sent twice."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from plaudit.database import migrate
from plaudit.postgres import EmbeddedPostgres
from tests.faults.test_worker_killed import ROWS, begin, counts, until
from tests.journeys.documents import PROGRESS
from tests.journeys.world import Json, World
from tests.processes import WAIT_SECONDS, Processes, processes

Fault = Callable[[EmbeddedPostgres], Awaitable[None]]
OTHER_SESSIONS = "datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
PAUSE_SECONDS = 5.0


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A separate server, since other tests need theirs."""
    server = EmbeddedPostgres(tmp_path / "server")
    await asyncio.to_thread(server.start)
    yield server
    await asyncio.to_thread(server.destroy)


@pytest.fixture
async def plaudit(server: EmbeddedPostgres, tmp_path: Path) -> AsyncIterator[Processes]:
    """Plaudit with leases that outlast the test, so that nothing recovers because a lease expired."""
    await migrate(server.url)
    async with processes("", tmp_path, server.url, PLAUDIT_WORKER_LEASE_SECONDS="600") as running:
        yield running


async def pids(server: EmbeddedPostgres) -> list[int]:
    connection = await asyncpg.connect(server.url)
    found = [row["pid"] for row in await connection.fetch(f"select pid from pg_stat_activity where {OTHER_SESSIONS}")]
    await connection.close()
    return found


async def end_every_session(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.url)
    await connection.fetch(f"select pg_terminate_backend(pid) from pg_stat_activity where {OTHER_SESSIONS}")
    await connection.close()


async def kill_a_backend(server: EmbeddedPostgres) -> None:
    """Kills a backend, so that PostgreSQL ends all sessions and recovers."""
    os.kill((await pids(server))[0], signal.SIGKILL)


async def restart(server: EmbeddedPostgres) -> None:
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)


async def pause(server: EmbeddedPostgres) -> None:
    """Suspends every session for a while, without disconnecting it."""
    paused = await pids(server)
    for pid in paused:
        os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(PAUSE_SECONDS)
    for pid in paused:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize(
    "fault",
    [
        end_every_session,
        pytest.param(kill_a_backend, marks=pytest.mark.long),
        pytest.param(restart, marks=pytest.mark.long),
        pytest.param(pause, marks=pytest.mark.long),
    ],
)
async def test_an_import_and_its_subscription_continue(
    plaudit: Processes, server: EmbeddedPostgres, fault: Fault
) -> None:
    await plaudit.start("worker")
    key = await begin(plaudit, "import")
    following = asyncio.create_task(follow(plaudit.world, key))
    await until(plaudit, "select count(*) from bulk_import where judged_rows >= 1000")
    await fault(server)
    last = (await asyncio.wait_for(following, WAIT_SECONDS))[-1]["data"]["importProgress"]
    assert (last["state"], last["invitedRows"], last["totalRows"]) == ("COMPLETED", ROWS, ROWS + 2)
    found = await counts(plaudit)
    assert (found["invitations"], found["customers"], found["messages"]) == (ROWS, ROWS, 4 * ROWS)
    connection = await asyncpg.connect(server.url)
    assert await connection.fetchval("select fence from bulk_import") == 1  # still the same worker
    await connection.close()


async def follow(world: World, key: str) -> list[Json]:
    return await world.follow("owner", PROGRESS, seconds=WAIT_SECONDS, id=key)


@pytest.mark.long
async def test_delivery_and_new_jobs_continue_after_every_fault(plaudit: Processes, server: EmbeddedPostgres) -> None:
    await plaudit.start("worker")
    await begin(plaudit, "first")
    for number, fault in enumerate((end_every_session, kill_a_backend, restart, pause)):
        sent = await until_sent(plaudit, 100)
        await fault(server)
        await until_sent(plaudit, sent + 100)
        await until_imported(plaudit, f"after-{number}")
    settled = "select count(*) = 0 from message where step = 1 and state in ('CLAIMED', 'SENDING')"
    await until(plaudit, settled)
    assert max(Counter(plaudit.world.relay.recipients).values()) == 1


async def until_sent(plaudit: Processes, number: int) -> int:
    async with asyncio.timeout(WAIT_SECONDS):
        while len(plaudit.world.relay.accepted) < number:
            await asyncio.sleep(0.02)
    return len(plaudit.world.relay.accepted)


async def until_imported(plaudit: Processes, name: str) -> None:
    """Waits until a new import is accepted and completed."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            try:
                await begin(plaudit, name)
                break
            except (AssertionError, OSError):  # 503 while the database is unavailable
                await asyncio.sleep(0.1)
    await until(plaudit, "select count(*) from bulk_import where name = $1 and state = 'COMPLETED'", name)
