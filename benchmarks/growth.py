"""How the time of a page grows with the customers of its account, and that of an agency's page with its clients."""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import models
from benchmarks import filled, plot, positions
from benchmarks.harness import fresh_database, print_table
from benchmarks.load import Asked, Figures, Server, check_alike, measured
from benchmarks.operations import CLIENTS, PAGE
from benchmarks.serving import FLOOR, GATEWAY, seen_by, serving
from tests import factories as make

CUSTOMERS, CLIENT_NUMBERS = (1_000, 10_000, 100_000, 1_000_000), (10, 100, 1_000)
CLIENTS_SHOWN = 50
PLOTS = Path(__file__).parents[1] / "docs/plots"

Found = dict[str, dict[int, Mapping[str, Figures]]]
"""By the page's name, and by the number of customers or clients."""


async def of_customers(
    url: str, servers: Mapping[str, Server], numbers: Sequence[int], rounds: int, seconds: float
) -> Found:
    """The first page of each account, and one from its middle. All accounts are in the same database."""
    accounts = {number: await filled.customers(url, number) for number in numbers}
    found: Found = {"first page": {}, "page in the middle": {}}
    for number, account in accounts.items():
        running = seen_by(servers, await make.member(account))
        first = Asked(PAGE, {"id": f"acc_{account.id.hex}", "first": 25})
        middle = await positions.deep(url, account, number // 2, running)
        for name, asked in zip(found, (first, middle), strict=True):
            found[name][number] = await _times(running, asked, rounds, seconds)
    return found


async def of_clients(
    url: str, servers: Mapping[str, Server], numbers: Sequence[int], rounds: int, seconds: float
) -> Found:
    found: dict[int, Mapping[str, Figures]] = {}
    for number in numbers:
        agency: models.Account = await filled.agency(url, number)
        asked = Asked(CLIENTS, {"id": f"agy_{agency.id.hex}", "first": CLIENTS_SHOWN})
        found[number] = await _times(seen_by(servers, await make.member(agency)), asked, rounds, seconds)
    return {f"page of {CLIENTS_SHOWN} clients": found}


async def _times(servers: Mapping[str, Server], asked: Asked, rounds: int, seconds: float) -> Mapping[str, Figures]:
    await check_alike(servers, asked)
    return await measured(servers, asked, 1, rounds, seconds)


def milliseconds(one: Figures) -> float:
    """The median time of a request, of which there was one at a time."""
    return 1000 / median(one.rates)


def show(title: str, unit: str, found: Found) -> None:
    """Prints the table, and the growth from the smallest to the largest."""
    rows: list[list[object]] = []
    for name, by_number in found.items():
        for server in (GATEWAY, FLOOR):
            figures = [by_number[number][server] for number in by_number]
            times, cpu = [milliseconds(one) for one in figures], [median(one.cpu) for one in figures]
            rows.append([f"{name}, {server}, ms", *times, times[-1] / times[0]])
            rows.append([f"{name}, {server}, CPU ms", *cpu, cpu[-1] / cpu[0]])
    numbers = list(next(iter(found.values())))
    print_table(title, ["page", *(f"{number:,} {unit}" for number in numbers), "largest : smallest"], rows)


def lines_of(found: Found) -> dict[str, list[tuple[float, float]]]:
    """The gateway's times and CPU times, as lines of a plot."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for name, by_number in found.items():
        lines[name] = [(number, milliseconds(one[GATEWAY])) for number, one in by_number.items()]
        lines[f"{name}, CPU"] = [(number, median(one[GATEWAY].cpu)) for number, one in by_number.items()]
    return lines


async def main(most: int, rounds: int, seconds: float) -> None:
    async with fresh_database() as url, serving(url, await make.account(), {GATEWAY: {}}) as servers:
        clients = await of_clients(url, servers, CLIENT_NUMBERS, rounds, seconds)
        numbers = [number for number in CUSTOMERS if number <= most]
        customers = await of_customers(url, servers, numbers, rounds, seconds)
    show("Pages of 25 customers, by customers of the account", "customers", customers)
    show(f"Pages of {CLIENTS_SHOWN} clients with usage cards, by clients of the agency", "clients", clients)
    PLOTS.mkdir(exist_ok=True)
    (PLOTS / "customers.svg").write_text(plot.drawn(lines_of(customers), "customers in the account", "ms"))
    (PLOTS / "clients.svg").write_text(plot.drawn(lines_of(clients), "clients of the agency", "ms"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=100_000, help="the largest account; at most 1,000,000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    given = parser.parse_args()
    asyncio.run(main(given.customers, given.rounds, given.seconds))
