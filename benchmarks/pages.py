"""How fast pages are served, beside the least that a Python server does (`floor`) and, on request, beside other GraphQL servers
(`peers`), with the CPU time of a request."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from statistics import median

import models
from benchmarks import filled, plot, positions
from benchmarks.harness import fresh_database, print_table
from benchmarks.load import Asked, Figures, Server, check_alike, measured, requests_of
from benchmarks.operations import CLIENTS, DETAIL, PAGE, SEARCH
from benchmarks.serving import ALL_PEERS, FLOOR, GATEWAY, MERCURIUS, POSTGRAPHILE, VARIANTS, missing, seen_in, serving

SIZES, CONCURRENCIES = (25, 100), (1, 16)
WARM_UP = 10
"""Seconds: a server in JavaScript gets faster while it is used."""
AFTER, ALL_CLIENTS, CLIENTS_SHOWN = 100_000, 1000, 50
COLUMNS = ("server", "requests a second", "to the floor", "CPU ms a request", "to the floor")


@dataclass(frozen=True)
class Case:
    """An operation, and the servers that answer it; `name` is for the plot."""

    title: str
    name: str
    asked: Asked
    servers: Mapping[str, Server]


def rows_of(found: Mapping[str, Figures]) -> list[tuple[str, float, float, float, float]]:
    """The table's rows: medians, and their ratios to the floor's."""
    floor_rate, floor_cpu = median(found[FLOOR].rates), median(found[FLOOR].cpu)
    return [
        (name, median(one.rates), median(one.rates) / floor_rate, median(one.cpu), median(one.cpu) / floor_cpu)
        for name, one in found.items()
    ]


async def cases(
    url: str, account: models.Account, customers: int, servers: Mapping[str, Server]
) -> AsyncIterator[Case]:
    """The pages, first the customers page, which all servers answer."""
    for size in SIZES:
        yield Case(f"Page of {size} of {customers:,} customers", f"page of {size}", page_of(account, size), servers)
    some = {name: one for name, one in servers.items() if name in (FLOOR, GATEWAY, MERCURIUS, POSTGRAPHILE)}
    after = min(AFTER, customers // 2)
    yield Case(
        f"Page of 25 after {after:,} customers", "deep page", await positions.deep(url, account, after, some), some
    )
    found = Asked(SEARCH, {"id": f"acc_{account.id.hex}", "first": 25, "search": "okafor"})
    searching = {name: one for name, one in some.items() if name != POSTGRAPHILE}
    yield Case("Page of 25 of a search that finds a fifth of them", "search", found, searching)
    customer = await filled.customer_in_detail(url, account)
    ids = {"account": f"acc_{account.id.hex}", "customer": f"cus_{customer.hex}"}
    yield Case("One customer in detail, with a timeline of 24 events", "in detail", Asked(DETAIL, ids), some)
    agency = await filled.agency(url, ALL_CLIENTS)
    some = await seen_in(some, agency)
    asked = Asked(CLIENTS, {"id": f"agy_{agency.id.hex}", "first": CLIENTS_SHOWN})
    yield Case(f"Page of {CLIENTS_SHOWN} of {ALL_CLIENTS:,} clients with usage cards", "clients", asked, some)


def page_of(account: models.Account, size: int) -> Asked:
    return Asked(PAGE, {"id": f"acc_{account.id.hex}", "first": size})


async def compare(customers: int, rounds: int, seconds: float, peers: tuple[str, ...]) -> None:
    """Prints the figures of all servers, and draws their rates if there are peers."""
    ratios: dict[int, dict[str, dict[str, float]]] = {concurrency: {} for concurrency in CONCURRENCIES}
    async with fresh_database() as url:
        account = await filled.customers(url, customers)
        async with serving(url, account, VARIANTS, peers) as servers:
            async for case in cases(url, account, customers, servers):
                await check_alike(case.servers, case.asked)
                for concurrency in CONCURRENCIES:
                    warm_up = WARM_UP if peers and concurrency == CONCURRENCIES[0] else 0
                    requests = requests_of(case.servers, case.asked)
                    rows = rows_of(await measured(requests, concurrency, rounds, seconds, warm_up))
                    how = f"{concurrency} at a time, each by another member; medians of {rounds} rounds"
                    print_table(f"{case.title}, {how}", COLUMNS, rows)
                    ratios[concurrency][case.name] = {server: ratio for server, _, ratio, *_ in rows}
    if peers:
        for concurrency, groups in ratios.items():
            plot.save(f"pages-{concurrency}", plot.bars(groups, "rate, floor = 1"))


async def gate(most: float) -> None:
    """Exits with an error if a page takes more than `most` times the floor's CPU: something expensive has come to every request."""
    async with fresh_database() as url:
        account = await filled.customers(url, 1000)
        async with serving(url, account, {GATEWAY: {}}) as servers:
            asked = page_of(account, 25)
            await check_alike(servers, asked)
            found = await measured(requests_of(servers, asked), 4, rounds=5, seconds=1)
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
