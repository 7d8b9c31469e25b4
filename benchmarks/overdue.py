"""What happens when a worker starts after days: how soon everything overdue is held, what is sent meanwhile, and how long the API
takes to answer a member of a tenant that is being held."""

import argparse
import asyncio
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import asyncpg

import models
from benchmarks import queued
from benchmarks.harness import fresh_database, gateways, print_table, time_operation
from benchmarks.kills import environment
from models.clock import clock
from tests import factories as make

MESSAGES, TENANTS = 100_000, 50
LATE = "update message set due_at = due_at - interval '2 days'"
LANES = "update lane set next_due = next_due - interval '2 days'"
LATEST = "update customer c set latest_invitation_id = i.id from invitation i where i.customer_id = c.id"
WAITS = "select count(*) from message where state in ('SCHEDULED', 'CLAIMED')"
PAGE = """{ account { usage { invitedThisCycle } delivery { due held { reason } }
  customers(first: 25) { edges { node { firstName invitation { state stateReason nextMessageAt } } } } } }"""


async def main(number: int) -> None:
    now = clock.now()
    with TemporaryDirectory() as folder:
        transcript = Path(folder) / "transcript"
        async with fresh_database() as url, queued.sink(transcript) as port:
            await queued.tenants(url, TENANTS, now)
            await queued.messages(url, number, now, of=TENANTS)
            database = await asyncpg.connect(url)
            await database.execute(LATE)
            await database.execute(LANES)
            await database.execute(LATEST)
            tenant = await database.fetchval("select account_id from message limit 1")
            member = await make.member(await models.Account.get(id=tenant))
            async with gateways(url, {"gateway": {}}) as running:
                worker = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "plaudit",
                    "worker",
                    env=environment(url, port, 4),
                    stderr=asyncio.subprocess.DEVNULL,
                )
                started, took = time.perf_counter(), []
                while await database.fetchval(WAITS):
                    took.append(await time_operation(running["gateway"], member, (PAGE, {})))
                    await asyncio.sleep(0.2)
                seconds = time.perf_counter() - started
                worker.terminate()
                await worker.wait()
            held = await database.fetchval(
                "select count(*) from invitation where state = 'HELD' and state_reason = 'OVERDUE'"
            )
            await database.close()
        sent = len((await asyncio.to_thread(transcript.read_text)).split()) if transcript.exists() else 0
    rows: list[list[object]] = [["held as OVERDUE", held], ["sent", sent], ["seconds", seconds]]
    rows += [["customers page, median ms", median(took)], ["customers page, slowest ms", max(took)]]
    print_table(f"A worker starts with {number:,} messages overdue by two days", ("", "number"), rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    asyncio.run(main(parser.parse_args().messages))
