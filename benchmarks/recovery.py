"""The time from when a lost database is back until an import, its subscriber, delivery and a query go on.

Each fault hits a new database, gateway and worker during an import. "no fault" is the same stand left alone: the times until
the next progress, event, stored outcome of a message, and response. A query is sent every 50 ms.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import median

import asyncpg
import httpx

from benchmarks.harness import print_table
from models.faults import LOST
from plaudit.database import migrate
from plaudit.postgres import EmbeddedPostgres
from tests.faults.test_database_lost import Fault, end_every_session, kill_a_backend, pause, restart
from tests.faults.test_worker_killed import begin, until
from tests.journeys.documents import HERE, PROGRESS
from tests.processes import Processes, processes

ROWS, RUNS, WAIT_SECONDS = 20_000, 5, 60.0
_PROGRESS = {
    "import": "select judged_rows from bulk_import",
    "delivery": "select count(*) from message where state = 'SENT'",
}
SIGNS = ("import", "subscriber", "delivery", "query")


async def nothing(_server: EmbeddedPostgres) -> None:
    """No fault."""


FAULTS: dict[str, Fault] = {
    "no fault": nothing,
    "all sessions ended": end_every_session,
    "a backend killed": kill_a_backend,
    "fast restart": restart,
    "all sessions paused": pause,
}


@asynccontextmanager
async def stand() -> AsyncIterator[tuple[Processes, EmbeddedPostgres]]:
    """A server of its own, a gateway and a worker."""
    folder = Path(tempfile.mkdtemp(prefix="plaudit-"))
    server = EmbeddedPostgres(folder / "server")
    try:
        await migrate(await asyncio.to_thread(server.start))
        async with processes("", folder, server.url, PLAUDIT_WORKER_LEASE_SECONDS="600") as plaudit:
            connection = await asyncpg.connect(server.url)
            await connection.execute("update account set overrides = $1", f'{{"invitations": {ROWS}}}')
            await connection.close()
            await plaudit.start("worker")
            yield plaudit, server
    finally:
        await asyncio.to_thread(server.destroy)
        shutil.rmtree(folder)


class Signs:
    """The times at which each part was last seen to work."""

    def __init__(self, plaudit: Processes, key: str) -> None:
        self.plaudit, self.key = plaudit, key
        self.seen: dict[str, list[float]] = {sign: [] for sign in SIGNS}

    def note(self, sign: str) -> None:
        self.seen[sign].append(time.monotonic())

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        watchers = [self._database(), self._subscriber(), self._query()]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in watchers]
            yield
            for task in tasks:
                task.cancel()

    async def first_after(self, moment: float) -> dict[str, float]:
        """Seconds from the moment to each part's first sign of work after it."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not all(times and times[-1] > moment for times in self.seen.values()):
                await asyncio.sleep(0.005)
        return {sign: min(one for one in times if one > moment) - moment for sign, times in self.seen.items()}

    async def _database(self) -> None:
        """Polls the import's progress and the number of messages whose outcome is stored."""
        last: dict[str, object] = {}
        while True:
            with suppress(*LOST):
                connection = await asyncpg.connect(self.plaudit.environment["PLAUDIT_DATABASE_URL"], timeout=1)
                while True:
                    for sign, question in _PROGRESS.items():
                        value = await connection.fetchval(question, timeout=1)
                        if value != last.get(sign):
                            self.note(sign)
                        last[sign] = value
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.01)

    async def _subscriber(self) -> None:
        async for _ in self.plaudit.world.events("owner", PROGRESS, id=self.key):
            self.note("subscriber")

    async def _query(self) -> None:
        world = self.plaudit.world
        async with httpx.AsyncClient(base_url=world.url, timeout=10) as client:
            while True:
                with suppress(httpx.TransportError):
                    response = await client.post("/graphql", json={"query": HERE}, headers=world.headers("owner"))
                    if response.status_code == 200 and "errors" not in response.json():
                        self.note("query")
                await asyncio.sleep(0.05)


async def back(server: EmbeddedPostgres) -> float:
    """The moment from which the server accepts a new connection."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            with suppress(*LOST):
                await (await asyncpg.connect(server.url)).close()
                return time.monotonic()
            await asyncio.sleep(0.005)


async def measured(fault: Callable[[EmbeddedPostgres], Awaitable[None]]) -> dict[str, float]:
    async with stand() as (plaudit, server):
        signs = Signs(plaudit, await begin(plaudit, "import", ROWS))
        async with signs.watched():
            await until(plaudit, "select count(*) from bulk_import where judged_rows >= 2000")
            await fault(server)
            return await signs.first_after(await back(server))


async def main() -> None:
    rows: list[list[object]] = []
    for name, fault in FAULTS.items():
        runs = [await measured(fault) for _ in range(RUNS)]
        for sign in SIGNS:
            times = sorted(run[sign] for run in runs)
            rows.append([name, sign, median(times), times[-1]])
    print_table(f"Seconds until each part goes on, {RUNS} runs", ("fault", "part", "median", "slowest"), rows)


if __name__ == "__main__":
    asyncio.run(main())
