"""How long the statements of a search take in an account of 200,000 customers among 1,000,000, for common, rare, absent, misleading
and hostile terms, and how long their count takes."""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import median, quantiles

import asyncpg

from benchmarks.harness import fresh_database, print_table
from benchmarks.importing import OTHERS, OWN, prepared
from models.reads import customer_search
from models.reads.customer_search import NEWEST_FIRST, Criteria, PageWindow
from models.reads.operation import Reads
from permissions.scope import find_viewer
from tests import factories as make

ROWS, UP_TO = 25, 1_000
TERMS = {
    "part of every address": "person",
    "one in ten": "meyer",
    "one in ten, two words": "anna meyer",
    "one in 10,000": "meyer123",
    "one person's address": "person123456@",
    "digits of a number": "+49301123",
    "absent": "zwetschke",
    "two common words that nobody has both of": "anna ben",
    "common elsewhere, absent here": "elsewhere",
    "common among the oldest alone": "oldest",
    "wildcards": "%%%___%%%abc",
    "eight words": "ann mey per son mail exam ple 123",
    "as long as a search can be": "person" * 30,
}
_ELSEWHERE = "update customer set last_name = 'Elsewhere' || id where location_id <> $1 and email like 'person%7@%'"
_OLDEST = """
update customer set last_name = 'Oldest' where id in (
  select id from customer where location_id = $1 order by invited_on, id limit 30000)
"""


async def times_of(act: Callable[[Reads], Awaitable[object]], rounds: int) -> tuple[list[float], int]:
    """Milliseconds of each round, and the statements of one."""
    took, statements = [], 0
    for _ in range(rounds):
        reads = Reads()
        started = time.perf_counter()
        await act(reads)
        took.append((time.perf_counter() - started) * 1000)
        statements = reads.statements
    return took[rounds // 10 :], statements


async def main(others: int, own: int, rounds: int) -> None:
    async with fresh_database() as url:
        db = await asyncpg.connect(url)
        location = await prepared(db, others, own)
        await db.execute(_ELSEWHERE, location.id)
        await db.execute(_OLDEST, location.id)
        await db.execute("vacuum analyze customer")
        await db.close()
        member = await make.member(await location.account)
        viewer = await find_viewer(Reads(), member.issuer, member.subject, None)
        assert viewer
        scope = viewer.seats[0].scope
        rows: list[list[object]] = []
        every: list[float] = []
        for name, term in TERMS.items():
            criteria = Criteria(scope, search=term)

            async def page(reads: Reads, criteria: Criteria = criteria) -> object:
                return await customer_search.page(reads, criteria, NEWEST_FIRST, PageWindow(ROWS))

            async def count(reads: Reads, criteria: Criteria = criteria) -> object:
                return await customer_search.count(reads, criteria, UP_TO)

            took, statements = await times_of(page, rounds)
            counted, _ = await times_of(count, rounds)
            every += took
            rows.append([name, statements, median(took), quantiles(took, n=100)[98], median(counted), max(counted)])
        rows.append(["all of them", "", median(every), quantiles(every, n=100)[98], "", ""])
        columns = (
            "search",
            "statements",
            "page, median ms",
            "99 of 100 below",
            f"count up to {UP_TO:,}, median",
            "slowest",
        )
        print_table(f"Searches among {own:,} of {others + own:,} customers, {rounds} of each", columns, rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--others", type=int, default=OTHERS)
    parser.add_argument("--own", type=int, default=OWN)
    parser.add_argument("--rounds", type=int, default=200)
    given = parser.parse_args()
    asyncio.run(main(given.others, given.own, given.rounds))
