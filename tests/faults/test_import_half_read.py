"""What a lost worker leaves half-read, in tables without statistics: no statement takes long, and no invitation waits long."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import asyncpg
import pytest

from tests.faults.test_worker_killed import until
from tests.journeys.documents import IMPORT, INVITE
from tests.journeys.test_import import MAPPING, csv_text
from tests.journeys.test_invite import location_of
from tests.journeys.world import Json
from tests.processes import Processes, processes

ROWS = 39_990
"""In chunks of 1,000, with a last one that is not full."""
STATEMENT_SECONDS, LOCK_SECONDS = 2.0, 1.0
"""Whatever takes longer hangs."""
IMPORT_SECONDS = 600
log = logging.getLogger(__name__)
_NOW = """
-- For how long have statements been running, and some been waiting for a lock?
select extract(epoch from clock_timestamp() - a.query_start)::float as seconds, a.query,
  extract(epoch from clock_timestamp() - (select min(l.waitstart) from pg_locks l where l.pid = a.pid))::float as waiting
from pg_stat_activity a
where a.datname = current_database() and a.pid <> pg_backend_pid() and a.state = 'active'
  and a.wait_event_type is distinct from 'Client'
"""


@dataclass
class Longest:
    """The longest time that a statement was seen running, and the longest that one waited for a lock; in seconds."""

    statement: float = 0
    query: str = ""
    lock: float = 0

    def see(self, row: asyncpg.Record) -> None:
        self.lock = max(self.lock, row["waiting"] or 0)
        if row["waiting"] is None and row["seconds"] > self.statement:
            self.statement, self.query = row["seconds"], row["query"]


@asynccontextmanager
async def watched(url: str) -> AsyncIterator[Longest]:
    """Looks at the database's sessions all the time."""
    connection, longest = await asyncpg.connect(url), Longest()

    async def watch() -> None:
        while True:
            for row in await connection.fetch(_NOW):
                longest.see(row)
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    try:
        yield longest
    finally:
        watching.cancel()
        await asyncio.wait([watching])
        await connection.close()


@pytest.fixture
async def plaudit(tmp_path: Path, worker_id: str) -> AsyncIterator[Processes]:
    async with processes(f"plaudit_half_read_{worker_id}", tmp_path) as running:
        connection = await asyncpg.connect(running.environment["PLAUDIT_DATABASE_URL"])
        await connection.execute("alter table import_row set (autovacuum_enabled = off)")
        await connection.execute("""update account set overrides = '{"invitations": 100000}' where key = 'bakery'""")
        await connection.close()
        yield running


async def begin(plaudit: Processes) -> None:
    """Starts a long import that sends nothing for now but its first message."""
    given = {
        "locationId": await location_of(plaudit.world),
        "name": "half-read",
        "uploadId": await plaudit.world.upload("owner", csv_text(ROWS, "half-read")),
        "mapping": MAPPING,
        "channels": ["EMAIL"],
        "sendSpeed": {"perHour": 100},
    }
    answer = await plaudit.world.data("owner", IMPORT, input=given)
    assert answer["bulkImport"]["userErrors"] == []


async def invite_until(plaudit: Processes, is_over: Callable[[], bool]) -> tuple[list[float], list[Json]]:
    """Invites one customer after the other, some a second. How long each took, and the answers to those that failed."""
    location, loop = await location_of(plaudit.world), asyncio.get_running_loop()
    took: list[float] = []
    failed: list[Json] = []
    while not is_over():
        given = {"locationId": location, "email": f"single-{len(took)}@example.org", "channels": ["EMAIL"]}
        began = loop.time()
        answer = await plaudit.world.ask("owner", INVITE, input=given)
        took.append(loop.time() - began)
        if "errors" in answer or answer["data"]["inviteCustomer"]["userErrors"]:
            failed.append(answer)
        await asyncio.sleep(0.2)
    return took, failed


@pytest.mark.long
async def test_a_half_read_import_without_statistics_ends_without_a_long_statement_or_wait(plaudit: Processes) -> None:
    lost = await plaudit.start("worker")
    await begin(plaudit)
    await until(plaudit, "select count(*) from bulk_import where parsed_rows >= 20000")
    await plaudit.kill(lost)
    await plaudit.start("worker")
    completed = asyncio.create_task(
        until(plaudit, "select count(*) from bulk_import where state = 'COMPLETED'", seconds=IMPORT_SECONDS)
    )
    async with watched(plaudit.environment["PLAUDIT_DATABASE_URL"]) as longest:
        took, failed = await invite_until(plaudit, completed.done)
    await completed
    log.info("%s; %d invitations: median %.3f s, longest %.3f s", longest, len(took), median(took), max(took))
    assert longest.statement < STATEMENT_SECONDS, longest.query
    assert longest.lock < LOCK_SECONDS
    assert failed == []
