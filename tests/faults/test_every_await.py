"""A worker killed with SIGKILL at every await from the claim to the record: nothing is sent twice, lost or stuck."""

import asyncio
import random
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import pytest

from tests.conftest import make_database
from tests.delivery.scripted_smtp import DROP, ScriptedSmtp
from tests.faults.dying_worker import CONNECTIONS

MESSAGES = 4
MOODS = [
    {},
    {},
    {},
    {".": "451 4.3.0 later"},
    {"RCPT": "450 4.2.1 busy"},
    {"DATA": DROP},
    {"MAIL": "421 4.3.2 closing"},
]
"""How the relay may answer. Never in a way that leaves it open whether a message was sent, so that only kills do."""
_STATES = """
select replace(m.id::text, '-', '') as id, m.state, i.first_sent_at is not null as charged from message m
join invitation i on i.id = m.invitation_id
"""


@dataclass
class Victims:
    """Workers on a database of their own, and what is due there."""

    url: str
    process: asyncio.subprocess.Process
    connection: asyncpg.Connection

    async def work(self, callback: int) -> str:
        """Runs a worker that is killed at this callback (see `dying_worker.py`); "killed" or "ended"."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{callback}\n".encode())
        return (await asyncio.wait_for(self.process.stdout.readline(), 60)).decode().strip()


@asynccontextmanager
async def victims(name: str, port: int) -> AsyncIterator[Victims]:
    url = await make_database(name)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.dying_worker", url, str(port), stdin=PIPE, stdout=PIPE
    )
    connection = await asyncpg.connect(url)
    try:
        yield Victims(url, process, connection)
    finally:
        await connection.close()
        process.kill()
        await process.wait()


@pytest.mark.parametrize(
    ("seed", "stride"), [(1, 17), *[pytest.param(seed, 1, marks=pytest.mark.long) for seed in (1, 2, 3)]]
)
async def test_a_worker_killed_at_any_await_sends_nothing_twice(seed: int, stride: int, worker_id: str) -> None:
    chance, kills = random.Random(seed), 0
    async with ScriptedSmtp().running() as relay, victims(f"plaudit_dying_{worker_id}", relay.port) as all_of_them:
        callback = 1 + chance.randrange(stride)
        while True:
            assert await all_of_them.work(-MESSAGES) == "ended"
            relay.replies = chance.choice(MOODS)
            fate = await all_of_them.work(callback)
            assert fate != "failed"
            if fate == "ended":
                break
            kills, callback = kills + 1, callback + stride
        relay.replies = {}
        await all_of_them.connection.execute("update message set due_at = now() where state = 'DEFERRED'")
        await all_of_them.connection.execute("update lane set next_due = now()")
        assert await all_of_them.work(0) == "ended"
        rows = await all_of_them.connection.fetch(_STATES)
    copies = relay.copies
    assert kills > 5
    assert max(copies.values()) == 1
    states = Counter(row["state"] for row in rows)
    assert states.keys() <= {"SENT", "UNKNOWN"}
    assert states["UNKNOWN"] <= kills * CONNECTIONS
    assert all(copies[row["id"]] == 1 for row in rows if row["state"] == "SENT")
    assert all(row["charged"] == (row["state"] == "SENT") for row in rows)
