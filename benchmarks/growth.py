"""How the time of a page grows with the customers of its account, and that of an agency's page with its clients."""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks import filled, plot, positions
from benchmarks.harness import fresh_database, print_table
from benchmarks.load import Asked, Figures, Server, check_alike, measured, requests_of
from benchmarks.operations import CLIENTS, PAGE
from benchmarks.serving import FLOOR, GATEWAY, seen_in, serving
from tests import factories as make

CUSTOMERS, CLIENT_NUMBERS = (1_000, 10_000, 100_000, 1_000_000), (10, 100, 1_000)
CLIENTS_SHOWN = 10
"""As many as the smallest agency has, so that all pages are of the same size."""

Place = tuple[str, int, str]
"""A page's name, the number of customers or clients, and the server."""


async def pages_of_customers(
    url: str, servers: Mapping[str, Server], numbers: Sequence[int]
) -> dict[Place, tuple[Server, list[bytes]]]:
    """The first page of each account, and one from its middle. All accounts are in the same database."""
    accounts = {number: await filled.customers(url, number) for number in numbers}
    requests: dict[Place, tuple[Server, list[bytes]]] = {}
    for number, account in accounts.items():
        running = await seen_in(servers, account)
        first = Asked(PAGE, {"id": f"acc_{account.id.hex}", "first": 25})
        requests |= await _checked("first page", number, running, first)
        middle = await positions.deep(url, account, number // 2, running)
        requests |= await _checked("page in the middle", number, running, middle)
    return requests


async def pages_of_clients(
    url: str, servers: Mapping[str, Server], numbers: Sequence[int]
) -> dict[Place, tuple[Server, list[bytes]]]:
    requests: dict[Place, tuple[Server, list[bytes]]] = {}
    for number in numbers:
        agency = await filled.agency(url, number)
        asked = Asked(CLIENTS, {"id": f"agy_{agency.id.hex}", "first": CLIENTS_SHOWN})
        running = await seen_in(servers, agency)
        requests |= await _checked(f"page of {CLIENTS_SHOWN} clients", number, running, asked)
    return requests


async def _checked(
    name: str, number: int, servers: Mapping[str, Server], asked: Asked
) -> dict[Place, tuple[Server, list[bytes]]]:
    await check_alike(servers, asked)
    return {(name, number, server): one for server, one in requests_of(servers, asked).items()}


def milliseconds(one: Figures) -> float:
    """The median time of a request, of which there was one at a time."""
    return 1000 / median(one.rates)


def cpu_milliseconds(one: Figures) -> float:
    return median(one.cpu)


def lines_of(found: Mapping[Place, Figures], *servers: str) -> dict[str, list[tuple[float, float]]]:
    """Times and CPU times by number, for each page and server."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for (name, number, server), figures in found.items():
        if server in servers:
            lines.setdefault(f"{name}, {server}", []).append((number, milliseconds(figures)))
            lines.setdefault(f"{name}, {server}'s CPU", []).append((number, cpu_milliseconds(figures)))
    return lines


def show(title: str, unit: str, found: Mapping[Place, Figures]) -> None:
    """Prints the table, with the growth from the smallest to the largest."""
    numbers = sorted({number for _, number, _ in found})
    rows: list[list[object]] = []
    for name, line in lines_of(found, GATEWAY, FLOOR).items():
        times = [y for _, y in line]
        rows.append([name, *times, times[-1] / times[0]])
    print_table(title, ["ms", *(f"{number:,} {unit}" for number in numbers), "largest : smallest"], rows)


async def main(most: int, rounds: int, seconds: float) -> None:
    numbers = [number for number in CUSTOMERS if number <= most]
    async with fresh_database() as url, serving(url, await make.account(), {GATEWAY: {}}) as servers:
        requests = await pages_of_customers(url, servers, numbers)
        customers = await measured(requests, 1, rounds, seconds)
        requests = await pages_of_clients(url, servers, CLIENT_NUMBERS)
        clients = await measured(requests, 1, rounds, seconds)
    show("Pages of 25 customers, by customers of the account", "customers", customers)
    show("An agency's page with usage cards, by clients of the agency", "clients", clients)
    plot.save("customers", plot.lines(lines_of(customers, GATEWAY), "customers of the account", "ms"))
    plot.save("clients", plot.lines(lines_of(clients, GATEWAY), "clients of the agency", "ms"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=100_000, help="the largest account; at most 1,000,000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    given = parser.parse_args()
    asyncio.run(main(given.customers, given.rounds, given.seconds))
