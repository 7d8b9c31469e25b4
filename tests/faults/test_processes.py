"""A gateway of two processes on one port: they answer, count and end as one, whichever of them is killed."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from resolvers.concurrency import MAX_RUNNING
from resolvers.progress import POLL_SECONDS
from tests.journeys.documents import PROGRESS
from tests.journeys.test_import import csv_text, start_import
from tests.journeys.world import Json
from tests.processes import WAIT_SECONDS, Processes, processes

NAME = "{ account { name } }"
PAGE = "{ account { customers { edges { node { id } } } } }"
CHANGE = "mutation ($id: ID!) { %sBulkImport(input: {bulkImportId: $id}) { userErrors { code } } }"


@pytest.fixture
async def plaudit(tmp_path: Path, worker_id: str) -> AsyncIterator[Processes]:
    async with processes(f"plaudit_processes_{worker_id}", tmp_path, PLAUDIT_PROCESSES="2") as running:
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


def serves(pid: int, server: int, client: int) -> bool:
    """Whether this process has the connection between these ports."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inodes = {row[9] for row in rows if [int(row[at].partition(":")[2], 16) for at in (1, 2)] == [server, client]}
    with suppress(OSError):
        return any(
            str(one.readlink()) in {f"socket:[{n}]" for n in inodes} for one in Path(f"/proc/{pid}/fd").iterdir()
        )
    return False


@asynccontextmanager
async def client_of(plaudit: Processes, *pids: int) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose one connection is served by one of these processes."""
    port = urlsplit(plaudit.world.url).port or 0
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                client = await stack.enter_async_context(httpx.AsyncClient(base_url=plaudit.world.url, timeout=30))
                with suppress(httpx.TransportError):
                    stream = (await client.get("/healthz")).extensions["network_stream"]
                    if any(serves(pid, port, stream.get_extra_info("client_addr")[1]) for pid in pids):
                        break
        yield client


async def ask(plaudit: Processes, client: httpx.AsyncClient, member: str, document: str, **variables: object) -> Json:
    body = {"query": document, "variables": variables}
    answer: Json = (await client.post("/graphql", json=body, headers=plaudit.world.headers(member))).json()
    return answer


async def until_gone(pids: list[int]) -> None:
    async with asyncio.timeout(15):
        while any(parent_of(pid) is not None for pid in pids):
            await asyncio.sleep(0.02)


async def until_two(plaudit: Processes, without: int = 0) -> tuple[int, int]:
    """The gateway's processes, once there are two others than `without`."""
    async with asyncio.timeout(WAIT_SECONDS):
        while len(found := [pid for pid in children(plaudit) if pid != without]) < 2:
            await asyncio.sleep(0.02)
    one, other = found
    return one, other


async def test_each_process_answers_and_a_killed_one_is_replaced_meanwhile(plaudit: Processes) -> None:
    killed, other = await until_two(plaudit)
    async with client_of(plaudit, killed) as first, client_of(plaudit, other) as client:
        assert "data" in await ask(plaudit, first, "owner", NAME)
        os.kill(killed, SIGKILL)
        while killed in (now := children(plaudit)) or len(now) < 2:
            assert "data" in await ask(plaudit, client, "owner", NAME)
    (new,) = set(await until_two(plaudit, without=killed)) - {other}
    async with client_of(plaudit, new) as client:
        assert "data" in await ask(plaudit, client, "owner", NAME)


async def test_sigterm_stops_every_process(plaudit: Processes) -> None:
    pids = await until_two(plaudit)
    assert await plaudit.kill(plaudit.running[1], SIGTERM) == 0
    assert [pid for pid in pids if parent_of(pid) is not None] == []


async def test_processes_end_when_their_parent_is_killed(plaudit: Processes) -> None:
    pids = await until_two(plaudit)
    await plaudit.kill(plaudit.running[1])
    await until_gone(list(pids))
    with pytest.raises(httpx.ConnectError):
        await plaudit.world.ask("owner", NAME)


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
    one, other = await until_two(plaudit)
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(client_of(plaudit, one)) for _ in range(MAX_RUNNING)]
        client = await stack.enter_async_context(client_of(plaudit, other))
        connection = await stack.enter_async_context(customers_locked(plaudit))
        asked = [asyncio.create_task(ask(plaudit, each, "owner", PAGE)) for each in clients]
        waiting = "select count(*) from pg_locks where not granted and relation = 'customer'::regclass"
        while await connection.fetchval(waiting) < MAX_RUNNING:
            await asyncio.sleep(0.02)
        late = asyncio.create_task(ask(plaudit, client, "owner", NAME))
        async with client_of(plaudit, other) as further:
            assert "data" in await ask(plaudit, further, "manager", NAME)
        assert not late.done()
        os.kill(one, SIGKILL)
        assert "data" in await late
        ends = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(end, httpx.TransportError) for end in ends)


async def test_a_subscription_in_one_process_hears_of_mutations_in_the_other(plaudit: Processes) -> None:
    one, other = await until_two(plaudit)
    key = (await start_import(plaudit.world, csv_text(3, "ann")))["bulkImport"]["id"]
    async with client_of(plaudit, one) as follower, client_of(plaudit, other) as client:
        body = {"query": PROGRESS, "variables": {"id": key}}
        headers = plaudit.world.headers("owner") | {"Accept": "text/event-stream"}
        async with follower.stream("POST", "/graphql", json=body, headers=headers) as response:
            states = states_in(response)
            assert await anext(states) == "QUEUED"
            async with asyncio.timeout(3 * POLL_SECONDS):  # without notifications, it looks only every POLL_SECONDS
                for change, state in (("pause", "PAUSED"), ("resume", "RUNNING")) * 2:
                    await ask(plaudit, client, "owner", CHANGE % change, id=key)
                    assert await anext(states) == state


async def states_in(response: httpx.Response) -> AsyncIterator[str]:
    async for line in response.aiter_lines():
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))["data"]["importProgress"]["state"]
