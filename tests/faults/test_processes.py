"""A gateway of two processes on one port: they answer, count and end as one, whichever of them is killed."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM

import asyncpg
import httpx
import pytest

from resolvers.concurrency import MAX_RUNNING
from resolvers.progress import POLL_SECONDS
from tests.journeys.documents import PROGRESS
from tests.journeys.test_import import csv_text, start_import
from tests.processes import WAIT_SECONDS, Processes, processes

NAME = "{ account { name } }"
PAGE = "{ account { customers { edges { node { id } } } } }"
CHANGE = "mutation ($id: ID!) { %sBulkImport(input: {bulkImportId: $id}) { userErrors { code } } }"


@pytest.fixture
async def plaudit(tmp_path: Path, worker_id: str) -> AsyncIterator[Processes]:
    async with processes(f"plaudit_processes_{worker_id}", tmp_path, PLAUDIT_PROCESSES="2") as running:
        await until_served_by(running, 2)
        yield running


def parent_of(pid: int) -> int | None:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
    return None


def children(plaudit: Processes) -> list[int]:
    """The gateway's processes, oldest first."""
    parent = plaudit.running[1].pid
    found = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return sorted(pid for pid in found if parent_of(pid) == parent)


async def until_served_by(plaudit: Processes, number: int, without: int = 0) -> list[int]:
    """Waits until so many processes, none of them `without`, answer each by itself."""
    async with asyncio.timeout(WAIT_SECONDS):
        while len(found := [pid for pid in children(plaudit) if pid != without]) < number:
            await asyncio.sleep(0.02)
    for pid in found:
        with paused(*(other for other in found if other != pid)):
            await ready(plaudit)
    return found


@contextmanager
def paused(*pids: int) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, SIGCONT)


async def ready(plaudit: Processes) -> None:
    async with asyncio.timeout(WAIT_SECONDS), httpx.AsyncClient(base_url=plaudit.world.url, timeout=30) as client:
        while (await client.get("/readyz")).status_code != 200:
            await asyncio.sleep(0.05)


async def until_gone(pids: list[int]) -> None:
    async with asyncio.timeout(15):
        while any(parent_of(pid) is not None for pid in pids):
            await asyncio.sleep(0.02)


async def test_each_process_answers(plaudit: Processes) -> None:
    one, other = children(plaudit)
    for pid in (one, other):
        with paused(pid):
            assert (await plaudit.world.data("owner", NAME))["account"]["name"]


async def test_a_killed_process_is_replaced_while_the_other_answers(plaudit: Processes) -> None:
    killed, other = children(plaudit)
    os.kill(killed, SIGKILL)
    async with asyncio.timeout(WAIT_SECONDS):
        while killed in (now := children(plaudit)) or len(now) < 2:
            assert (await plaudit.world.data("owner", NAME))["account"]["name"]
    assert other in await until_served_by(plaudit, 2, without=killed)


async def test_sigterm_stops_every_process(plaudit: Processes) -> None:
    pids = children(plaudit)
    assert await plaudit.kill(plaudit.running[1], SIGTERM) == 0
    assert [pid for pid in pids if parent_of(pid) is not None] == []


async def test_processes_end_when_their_parent_is_killed(plaudit: Processes) -> None:
    pids = children(plaudit)
    await plaudit.kill(plaudit.running[1])
    await until_gone(pids)
    with pytest.raises(httpx.ConnectError):
        await ready(plaudit)


@asynccontextmanager
async def customers_locked(plaudit: Processes) -> AsyncIterator[asyncpg.Connection]:
    """Nobody can read customers during the block."""
    connection = await asyncpg.connect(plaudit.environment["PLAUDIT_DATABASE_URL"])
    try:
        async with connection.transaction():
            await connection.execute("lock table customer in access exclusive mode")
            yield connection
    finally:
        await connection.close()


async def test_a_members_slots_hold_in_all_processes_and_are_free_once_a_process_is_killed(plaudit: Processes) -> None:
    one, other = children(plaudit)
    async with customers_locked(plaudit) as connection, asyncio.timeout(WAIT_SECONDS):
        with paused(other):
            asked = [asyncio.create_task(plaudit.world.ask("owner", PAGE)) for _ in range(MAX_RUNNING)]
            waiting = "select count(*) from pg_locks where not granted and relation = 'customer'::regclass"
            while await connection.fetchval(waiting) < MAX_RUNNING:
                await asyncio.sleep(0.02)
        with paused(one):
            assert (await plaudit.world.data("manager", NAME))["account"]["name"]
            refused = await plaudit.world.ask("owner", NAME)
            assert [error["extensions"]["code"] for error in refused["errors"]] == ["RATE_LIMITED"]
            os.kill(one, SIGKILL)
            assert (await plaudit.world.data("owner", NAME))["account"]["name"]
        assert all(
            isinstance(one, httpx.TransportError) for one in await asyncio.gather(*asked, return_exceptions=True)
        )


async def test_a_subscription_in_one_process_hears_of_mutations_in_the_other(plaudit: Processes) -> None:
    one, other = children(plaudit)
    key = (await start_import(plaudit.world, csv_text(3, "ann")))["bulkImport"]["id"]
    with paused(other):
        events = plaudit.world.events("owner", PROGRESS, id=key)
        assert (await anext(events))["data"]["importProgress"]["state"] == "QUEUED"
    async with asyncio.timeout(3 * POLL_SECONDS):  # without notifications, each change is seen only after POLL_SECONDS
        for change, state in (("pause", "PAUSED"), ("resume", "RUNNING")) * 2:
            with paused(one):
                await plaudit.world.data("owner", CHANGE % change, id=key)
            assert (await anext(events))["data"]["importProgress"]["state"] == state
