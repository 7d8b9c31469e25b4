"""How fast messages are claimed: in lanes that take turns, against a naive claim of the longest due; how long it takes to find
that nothing is due; and when small tenants are served beside one with all the other messages."""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from statistics import median

import asyncpg

from benchmarks import queued
from benchmarks.harness import fresh_database, print_table
from models.clock import clock
from models.commands import sending
from models.connection import WORK, execute, fetch, pool
from models.rules.ids import uuid7

PENDING, LANES, BATCH, ROUNDS, LEASE_SECONDS = 1_000_000, 1_000, 100, 5, 600
IDLE_CLAIMS = 500
NAIVE = """
with u as (
  update message set state = 'CLAIMED', lease_until = now() + make_interval(secs => $3), worker = $2, attempts = attempts + 1
  where id = any (array(
    select id from message where state = 'SCHEDULED' and due_at <= $4 order by due_at limit $1 for update skip locked))
  returning id, account_id, location_id, invitation_id, template_id, step, channel, attempts, due_at
)
select u.*, c.email, c.phone, c.first_name, c.last_name, i.employee, i.service,
  l.name as location_name, l.postal_address, l.sender_name, l.sender_email, l.reply_to, l.color, l.logo,
  a.time_zone as account_zone, a.anchor_day, l.time_zone as location_zone, c.time_zone as customer_zone,
  a.open_tracking, t.language, t.subject, t.preheader, t.text, t.html
from u join invitation i on i.id = u.invitation_id join customer c on c.id = i.customer_id
join location l on l.id = u.location_id join account a on a.id = u.account_id join template t on t.id = u.template_id
"""
INDEX = "create index message_by_due on message (due_at) where state = 'SCHEDULED'"
WORKER = uuid7()
Claim = Callable[[], Awaitable[Sequence[object]]]


async def in_turns(*, earlier: timedelta = timedelta()) -> list[sending.ClaimedMessage]:
    now = clock.now() - earlier
    return await sending.claim(pool(WORK), WORKER, now, max_messages=BATCH, lease_seconds=LEASE_SECONDS)


async def naive() -> list[asyncpg.Record]:
    return await fetch(pool(WORK), NAIVE, BATCH, WORKER, LEASE_SECONDS, clock.now())


async def rate(claim: Claim, number: int) -> float:
    """Messages claimed per second, until this many. A claim in turns may find lanes that the naive one has emptied."""
    done, empty, started = 0, 0, time.perf_counter()
    while done < number:
        got = await claim()
        empty = 0 if got else empty + 1
        assert empty < LANES, "nothing left to claim"
        done += len(got)
    return done / (time.perf_counter() - started)


async def compare(pending: int) -> list[list[object]]:
    """Rounds in turn, at most half of the messages; the naive claim has its index only in its own rounds."""
    rates: dict[str, list[float]] = {"in turns": [], "naive": []}
    number = min(20_000, pending // (4 * ROUNDS))
    for _ in range(ROUNDS):
        rates["in turns"].append(await rate(in_turns, number))
        await execute(pool(WORK), INDEX)
        await execute(pool(WORK), "analyze message")
        rates["naive"].append(await rate(naive, number))
        await execute(pool(WORK), "drop index message_by_due")
    found = {name: median(times) for name, times in rates.items()}
    return [[name, one, one / found["naive"]] for name, one in found.items()]


async def idle() -> list[float]:
    """Milliseconds of claims that find nothing, sorted; all messages are due later."""
    took = []
    for _ in range(IDLE_CLAIMS):
        started = time.perf_counter()
        assert not await in_turns(earlier=timedelta(days=1))
        took.append((time.perf_counter() - started) * 1000)
    return sorted(took)


async def position_of_last(others: int) -> int:
    """How many messages are claimed until all of the small tenants were served."""
    waiting, position = others, 0
    big = await fetch(pool(WORK), "select account_id from message group by account_id order by count(*) desc limit 1")
    while waiting:
        batch = await in_turns()
        assert batch, "nothing left to claim"
        for message in batch:
            position += 1
            waiting -= message.account_id != big[0]["account_id"]
            if not waiting:
                break
    return position


async def main(pending: int, lanes: int) -> None:
    now = clock.now()
    async with fresh_database() as url:
        await queued.tenants(url, lanes, now)
        await queued.messages(url, pending, now, of=lanes)
        took = await idle()
        rows: list[list[object]] = [["median", median(took)], ["99 of 100", took[len(took) * 99 // 100]]]
        print_table(f"Claims that find nothing, {pending:,} messages due later, ms", ("claims", "ms"), rows)
        print_table(
            f"Messages claimed per second, {pending:,} due in {lanes:,} lanes, batches of {BATCH}",
            ("claim", "per second", "ratio"),
            await compare(pending),
        )
        await queued.forget(url)
        await queued.tenants(url, lanes, now)
        await queued.messages(url, pending, now, of=lanes, distribution=queued.ONE_AND_OTHERS)
        last = await position_of_last(lanes - 1)
        print_table(
            f"Claims until {lanes - 1:,} tenants with one message each were served, beside one with the rest of {pending:,}",
            ("position of the last",),
            [[last]],
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pending", type=int, default=PENDING, help="how many messages wait")
    parser.add_argument("--lanes", type=int, default=LANES, help="for how many tenants")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.pending, arguments.lanes))
