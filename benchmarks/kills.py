"""What killing the worker costs: it is killed with SIGKILL again and again until everything is sent, and the relay's transcript
says what was on the wire twice or never."""

import argparse
import asyncio
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from tempfile import TemporaryDirectory

import asyncpg

from benchmarks import queued
from benchmarks.harness import fresh_database, print_table
from models.clock import clock
from tests.gateway import SECRET

MESSAGES, EVERY_SECONDS, TENANTS, CONNECTIONS = 50_000, 2.0, 200, 4
LEASE_SECONDS = 2
WAIT_SECONDS = 60.0
"""For a worker to begin, which includes that the leases of the last one expire."""
IS_UNSETTLED = "select exists (select from message where state in ('SCHEDULED', 'CLAIMED', 'SENDING', 'DEFERRED'))"
SENT = "select sum(invited) from account_usage"


@dataclass(slots=True)
class Workers:
    """Starts one worker after another."""

    environment: dict[str, str]
    kills: int = 0

    async def start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "plaudit", "worker", env=self.environment, stderr=asyncio.subprocess.DEVNULL
        )

    async def run_until_settled(self, database: asyncpg.Connection, every: float) -> None:
        """Kills the worker at these intervals, from its first message on, while anything is left."""
        while await database.fetchval(IS_UNSETTLED):
            worker = await self.start()
            await self._begins(database, worker)
            await asyncio.sleep(every)
            if await database.fetchval(IS_UNSETTLED):
                worker.kill()
                self.kills += 1
            else:
                worker.send_signal(SIGTERM)
            await worker.wait()

    async def _begins(self, database: asyncpg.Connection, worker: asyncio.subprocess.Process) -> None:
        """Waits until the worker has sent something, or nothing is left."""
        before, until = await database.fetchval(SENT), time.monotonic() + WAIT_SECONDS
        while await database.fetchval(SENT) == before and await database.fetchval(IS_UNSETTLED):
            if worker.returncode is not None or time.monotonic() > until:
                raise RuntimeError("the worker does nothing; run `plaudit worker` with these settings to see why")
            await asyncio.sleep(0.02)


def environment(url: str, port: int, connections: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PLAUDIT_ENV": "development",
        "PLAUDIT_DATABASE_URL": url,
        "PLAUDIT_SECRET": SECRET,
        "PLAUDIT_JWT_SECRET": SECRET,
        "PLAUDIT_BASE_URL": "http://127.0.0.1:8000",
        "PLAUDIT_SMTP_URL": f"smtp://127.0.0.1:{port}?tls=none",
        "PLAUDIT_SMTP_CONNECTIONS": str(connections),
        "PLAUDIT_WORKER_LEASE_SECONDS": str(LEASE_SECONDS),
    }


async def judge(database: asyncpg.Connection, transcript: Path) -> dict[str, int]:
    """Compares the transcript with what the database says of each message."""
    wire = Counter((await asyncio.to_thread(transcript.read_text)).split())
    rows = await database.fetch(
        "select m.state, c.email from message m join invitation i on i.id = m.invitation_id join customer c on c.id = i.customer_id"
    )
    unknown = [row["email"] for row in rows if row["state"] == "UNKNOWN"]
    settled = {row["email"] for row in rows if row["state"] in ("SENT", "UNKNOWN")}
    return {
        "messages": len(rows),
        "on the wire": len(wire),
        "twice on the wire": sum(number > 1 for number in wire.values()),
        "lost": sum(row["state"] != "UNKNOWN" and row["email"] not in wire for row in rows),
        "on the wire, but neither SENT nor UNKNOWN": sum(email not in settled for email in wire),
        "UNKNOWN": len(unknown),
        "UNKNOWN that was on the wire": sum(email in wire for email in unknown),
    }


async def main(number: int, every: float, connections: int) -> None:
    now = clock.now()
    with TemporaryDirectory() as folder:
        transcript = Path(folder) / "transcript"
        async with fresh_database() as url, queued.sink(transcript) as port:
            await queued.tenants(url, TENANTS, now)
            await queued.messages(url, number, now, of=TENANTS)
            database = await asyncpg.connect(url)
            workers, started = Workers(environment(url, port, connections)), time.monotonic()
            await workers.run_until_settled(database, every)
            took = time.monotonic() - started
            found = await judge(database, transcript)
            await database.close()
    per_kill = found["UNKNOWN"] / max(workers.kills, 1)
    rows: list[list[object]] = [[name, value] for name, value in found.items()]
    rows += [["kills", workers.kills], ["seconds", took]]
    rows += [["UNKNOWN per kill", per_kill], ["UNKNOWN per kill and connection", per_kill / connections]]
    print_table(f"A worker with {connections} connections, killed {every:g} s after it begins", ("", "number"), rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument(
        "--every", type=float, default=EVERY_SECONDS, help="seconds from a worker's first message to its end"
    )
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.messages, arguments.every, arguments.connections))
