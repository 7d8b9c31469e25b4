"""How fast pages of customers are served, beside the least that a Python server does (`floor`), with the CPU time of a request."""

import argparse
import asyncio
import itertools
import os
import re
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import orjson

import models
from benchmarks.harness import fresh_database, many_customers, print_table, started_gateway
from tests import factories as make
from tests.gateway import token

PAGE = """query CustomersPage($id: ID!, $first: Int!) {
  account(id: $id) {
    id
    usage { invitedThisCycle }
    customers(first: $first) {
      edges { cursor node {
        id firstName lastName email phone source invitedOn npsScore rating
        location { name }
        invitation { id state canStop { allowed } }
        linkedReview { rating platform { name } text }
      } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}"""
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
FLOOR, GATEWAY, INTERPRETING = "floor", "gateway", "gateway, not compiling"
VARIANTS: dict[str, dict[str, str]] = {GATEWAY: {}, INTERPRETING: {"PLAUDIT_COMPILE_QUERIES": "off"}}
"""Gateways by their settings."""
SIZES, CONCURRENCIES = (25, 100), (1, 16)
COLUMNS = ("server", "requests a second", "to the floor", "CPU ms a request", "to the floor")


@dataclass
class Server:
    """A server that answers the page's operation, its process, and the request that is sent to it."""

    process: int
    host: str
    port: int
    headers: Mapping[str, str] = field(default_factory=dict)

    def request(self, variables: Mapping[str, object]) -> bytes:
        body = orjson.dumps({"query": PAGE, "variables": variables})
        headers = {
            "Host": f"{self.host}:{self.port}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Content-Length": str(len(body)),
            **self.headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST /graphql HTTP/1.1\r\n{lines}\r\n".encode() + body

    def cpu_seconds(self) -> float:
        stat = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


class Client:
    """One HTTP/1.1 connection: much cheaper than a library's, so that the server is what is measured."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, server: Server) -> "Client":
        return cls(*await asyncio.open_connection(server.host, server.port, limit=2**22))

    async def post(self, request: bytes) -> bytes:
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        assert length
        return await self.reader.readexactly(int(length[1]))


@dataclass
class Figures:
    """What the rounds of one server found: requests a second, and milliseconds of its CPU for each."""

    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


async def measure(server: Server, requests: list[bytes], concurrency: int, seconds: float) -> tuple[float, float]:
    """The rate, and the CPU time of a request in milliseconds."""
    clients = [await Client.to(server) for _ in range(concurrency)]
    done, ends = 0, time.perf_counter() + seconds

    async def send(client: Client, number: int) -> None:
        nonlocal done
        while time.perf_counter() < ends:
            await client.post(requests[number % len(requests)])
            number += concurrency
            done += 1

    cpu, began = server.cpu_seconds(), time.perf_counter()
    await asyncio.gather(*(send(client, number) for number, client in enumerate(clients)))
    took = time.perf_counter() - began
    spent = server.cpu_seconds() - cpu
    for client in clients:
        client.writer.close()
    return done / took, spent / done * 1000


async def check_alike(servers: Mapping[str, Server], variables: list[dict[str, object]]) -> None:
    """Raises AssertionError unless all answer alike, apart from cursors, which are of each server's own kind."""
    for given in variables[:20]:
        answers = {}
        for name, server in servers.items():
            client = await Client.to(server)
            answers[name] = _without_cursors(orjson.loads(await client.post(server.request(given))))
            client.writer.close()
        first, *others = answers.items()
        for name, answer in others:
            assert answer == first[1], f"{name} and {first[0]} answer differently"


def _without_cursors(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _without_cursors(one) for name, one in answer.items() if not name.lower().endswith("cursor")}
    return [_without_cursors(one) for one in answer] if isinstance(answer, list) else answer


async def measured(
    servers: Mapping[str, Server], variables: list[dict[str, object]], concurrency: int, rounds: int, seconds: float
) -> dict[str, Figures]:
    """The servers take turns, so that other load affects all alike; the first round only warms them up."""
    found = {name: Figures() for name in servers}
    for number in range(rounds + 1):
        for name, server in servers.items():
            rate, cpu = await measure(server, [server.request(one) for one in variables], concurrency, seconds)
            if number:
                found[name].rates.append(rate)
                found[name].cpu.append(cpu)
    return found


@asynccontextmanager
async def floor(url: str) -> AsyncIterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ("-m", "uvicorn", "benchmarks.floor:app", "--port", str(port), "--log-level", "warning")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=os.environ | {"FLOOR_DATABASE_URL": url}
    )
    try:
        async with asyncio.timeout(30), httpx.AsyncClient() as client:
            while True:
                try:
                    await client.get(f"http://127.0.0.1:{port}/graphql")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        yield Server(process.pid, "127.0.0.1", port)
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def gateway(url: str, member: models.User, **settings: str) -> AsyncIterator[Server]:
    async with started_gateway(url, settings) as (process, client):
        at = urlsplit(str(client.base_url))
        assert at.hostname
        assert at.port
        yield Server(process.pid, at.hostname, at.port, {"Authorization": f"Bearer {token(member)}"})


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


@asynccontextmanager
async def serving(url: str, location: models.Location, *variants: str) -> AsyncIterator[dict[str, Server]]:
    """The floor and these gateways."""
    member = await make.member(await models.Account.get(id=location.account_id))
    async with AsyncExitStack() as stack:
        started = {FLOOR: await stack.enter_async_context(floor(url))}
        for name in variants:
            started[name] = await stack.enter_async_context(gateway(url, member, **VARIANTS[name]))
        yield started


async def compare(customers: int, rounds: int, seconds: float) -> None:
    """Prints the figures of all servers."""
    async with fresh_database() as url:
        location = await filled(url, customers)
        async with serving(url, location, *VARIANTS) as servers:
            for size, concurrency in itertools.product(SIZES, CONCURRENCIES):
                asked: list[dict[str, object]] = [{"id": f"acc_{location.account_id.hex}", "first": size}]
                await check_alike(servers, asked)
                found = await measured(servers, asked, concurrency, rounds, seconds)
                how = f"{concurrency} at a time; medians of {rounds} rounds"
                print_table(f"Page of {size} of {customers:,} customers, {how}", COLUMNS, rows_of(found))


async def gate(most: float) -> None:
    """Exits with an error if a page takes more than `most` times the floor's CPU: something expensive has come to every request."""
    async with fresh_database() as url:
        location = await filled(url, 1000)
        async with serving(url, location, GATEWAY) as servers:
            asked: list[dict[str, object]] = [{"id": f"acc_{location.account_id.hex}", "first": 25}]
            await check_alike(servers, asked)
            found = await measured(servers, asked, 4, rounds=5, seconds=1)
    ratio = median(found[GATEWAY].cpu) / median(found[FLOOR].cpu)
    print(f"A page takes {ratio:.1f} times the CPU of the floor; at most {most:.1f} are allowed.")
    if ratio > most:
        sys.exit("Find what takes the time: see docs/benchmarks.md, Pages.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--most", type=float, help="only check that a page takes at most so many times the floor's CPU")
    given = parser.parse_args()
    asyncio.run(gate(given.most) if given.most else compare(given.customers, given.rounds, given.seconds))
