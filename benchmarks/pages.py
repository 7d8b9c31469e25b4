"""How fast pages of customers are served, beside the least that a Python server does (`floor`), with the CPU time of a request."""

import argparse
import asyncio
import itertools
import sys
from collections.abc import Mapping
from statistics import median

import asyncpg

import models
from benchmarks.harness import fresh_database, many_customers, print_table
from benchmarks.load import Asked, Figures, check_alike, measured
from benchmarks.operations import PAGE
from benchmarks.serving import ALL_PEERS, FLOOR, GATEWAY, VARIANTS, missing, serving
from tests import factories as make

_REVIEWS = """
with written as (
  insert into review (id, account_id, location_id, platform_id, external_id, customer_id, matched_by, reviewer_name, reviewed_on,
    rating, text, sentiment, created_at)
  select uuidv7(), c.account_id, c.location_id, platform.id, c.id::text, c.id, 'EMAIL', 'A. Reviewer', c.invited_on, 1 + number % 5,
    repeat('Friendly, quick and worth coming back. ', 1 + number % 4), 'POSITIVE', now()
  from (select *, abs(hashtext(id::text)) as number from customer where location_id = $1) c,
    (select id from review_platform where location_id = $1 limit 1) platform
  where number % 10 < 3 returning id, customer_id, rating
)
update customer c set latest_review_id = written.id, rating = written.rating from written where written.customer_id = c.id
"""
SIZES, CONCURRENCIES = (25, 100), (1, 16)
WARM_UP = 10
"""Seconds: a server in JavaScript gets faster while it is used."""
COLUMNS = ("server", "requests a second", "to the floor", "CPU ms a request", "to the floor")


async def filled(url: str, customers: int) -> models.Location:
    """A location with this many customers, of whom a third have a linked review."""
    location = await make.location(await make.account(time_zone="UTC"))
    await many_customers(url, location, customers)
    connection = await asyncpg.connect(url)
    await connection.execute(_REVIEWS, location.id)
    await connection.execute("vacuum analyze")
    await connection.close()
    return location


def rows_of(found: Mapping[str, Figures]) -> list[list[object]]:
    """The table's rows: medians, and their ratios to the floor's."""
    floor_rate, floor_cpu = median(found[FLOOR].rates), median(found[FLOOR].cpu)
    return [
        [name, median(one.rates), median(one.rates) / floor_rate, median(one.cpu), median(one.cpu) / floor_cpu]
        for name, one in found.items()
    ]


async def compare(customers: int, rounds: int, seconds: float, peers: tuple[str, ...]) -> None:
    """Prints the figures of all servers."""
    async with fresh_database() as url:
        location = await filled(url, customers)
        account = await models.Account.get(id=location.account_id)
        async with serving(url, account, VARIANTS, peers) as servers:
            for size, concurrency in itertools.product(SIZES, CONCURRENCIES):
                asked = Asked(PAGE, {"id": f"acc_{account.id.hex}", "first": size})
                await check_alike(servers, asked)
                found = await measured(servers, asked, concurrency, rounds, seconds, WARM_UP if peers else 0)
                how = f"{concurrency} at a time; medians of {rounds} rounds"
                print_table(f"Page of {size} of {customers:,} customers, {how}", COLUMNS, rows_of(found))


async def gate(most: float) -> None:
    """Exits with an error if a page takes more than `most` times the floor's CPU: something expensive has come to every request."""
    async with fresh_database() as url:
        location = await filled(url, 1000)
        account = await models.Account.get(id=location.account_id)
        async with serving(url, account, {GATEWAY: {}}) as servers:
            asked = Asked(PAGE, {"id": f"acc_{account.id.hex}", "first": 25})
            await check_alike(servers, asked)
            found = await measured(servers, asked, 4, rounds=5, seconds=1)
    ratio = median(found[GATEWAY].cpu) / median(found[FLOOR].cpu)
    print(f"A page takes {ratio:.1f} times the CPU of the floor; at most {most:.1f} are allowed.")
    if ratio > most:
        sys.exit("Find what takes the time: see docs/benchmarks.md, Pages.")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument(
        "--peers", action="store_true", help="measure other GraphQL servers too; see docs/benchmarks.md, Peers"
    )
    parser.add_argument("--most", type=float, help="only check that a page takes at most so many times the floor's CPU")
    given = parser.parse_args()
    if given.peers and (hint := missing()):
        sys.exit(hint)
    if given.most:
        asyncio.run(gate(given.most))
    else:
        asyncio.run(compare(given.customers, given.rounds, given.seconds, ALL_PEERS if given.peers else ()))


if __name__ == "__main__":
    main()
