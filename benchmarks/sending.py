"""How fast messages go from the queue to a relay and their outcomes to the database, against an SMTP client that sends one finished
message again and again to the same relay, over as many connections."""

import argparse
import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import aiosmtplib

from benchmarks import queued
from benchmarks.harness import fresh_database, print_table
from delivery.links import Links, LinkSigner
from delivery.render import Writer
from delivery.sender import Sender
from delivery.smtp import Relay, Session
from delivery.transport import Envelope, Verdict
from models.clock import clock, first_of
from models.connection import WORK, fetch_one, pool
from models.rules.ids import uuid7
from tests.delivery.scripted_smtp import ScriptedSmtp
from tests.gateway import SECRET

MESSAGES, ROUNDS, TENANTS, CONNECTIONS = 5_000, 5, 100, 4


def sender(port: int, connections: int) -> Sender:
    links = Links("https://reviews.example.com", LinkSigner((SECRET,)))
    return Sender(Relay("127.0.0.1", port), Writer(links), uuid7(), connections=connections)


async def whole_path(port: int, connections: int, number: int) -> float:
    """Messages per second of a worker, from the first claim to the last stored outcome of this many."""
    stop, before = asyncio.Event(), await count_sent()
    started = time.perf_counter()
    running = asyncio.create_task(sender(port, connections).run(stop))
    while (sent := await count_sent() - before) < number:
        await first_of(stop, seconds=0.05)
    took = time.perf_counter() - started
    stop.set()
    await running
    return sent / took


async def count_sent() -> int:
    row = await fetch_one(pool(WORK), "select sum(invited)::int as sent from account_usage")
    return (row and row["sent"]) or 0


async def finished_message() -> Envelope:
    """A message as the worker sends it."""
    async with ScriptedSmtp().running() as relay:
        await sender(relay.port, 1).round()
        return Envelope(relay.senders[0], relay.recipients[0], relay.accepted[0])


async def client_alone(port: int, connections: int, number: int, envelope: Envelope) -> float:
    """Messages per second of a client that does nothing else."""
    left = iter(range(number))
    clients = [aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) for _ in range(connections)]
    for client in clients:
        await client.connect()
    started = time.perf_counter()
    await asyncio.gather(*(_send(client, left, envelope) for client in clients))
    took = time.perf_counter() - started
    for client in clients:
        await client.quit()
    return number / took


async def _send(client: aiosmtplib.SMTP, left: Iterator[int], envelope: Envelope) -> None:
    for _ in left:
        await client.sendmail(envelope.sender, [envelope.recipient], envelope.message)


async def sessions_alone(port: int, connections: int, number: int, envelope: Envelope) -> float:
    """Messages per second of the worker's own client, which does nothing else."""
    left = iter(range(number))
    sessions = [Session(Relay("127.0.0.1", port)) for _ in range(connections)]
    for session in sessions:
        await session.ready()
    started = time.perf_counter()
    await asyncio.gather(*(_submit(session, left, envelope) for session in sessions))
    took = time.perf_counter() - started
    for session in sessions:
        await session.quit()
    return number / took


async def _submit(session: Session, left: Iterator[int], envelope: Envelope) -> None:
    for _ in left:
        await session.ready()
        answer = await session.submit(envelope)
        assert answer.verdict is Verdict.SENT, answer


async def main(number: int, connections: int, delay: float) -> None:
    now = clock.now()
    with TemporaryDirectory() as folder:
        async with fresh_database() as url, queued.sink(Path(folder) / "transcript", delay) as port:
            await queued.tenants(url, TENANTS, now)
            await queued.messages(url, (ROUNDS + 2) * number + 200, now, of=TENANTS)
            envelope = await finished_message()
            await whole_path(port, connections, number // 5)  # warms up
            rates: dict[str, list[float]] = {"whole path": [], "its client alone": [], "aiosmtplib alone": []}
            for _ in range(ROUNDS):
                rates["whole path"].append(await whole_path(port, connections, number))
                rates["its client alone"].append(await sessions_alone(port, connections, number, envelope))
                rates["aiosmtplib alone"].append(await client_alone(port, connections, number, envelope))
    found = {name: median(times) for name, times in rates.items()}
    print_table(
        f"Messages per second, {connections} connections, replies after {delay * 1000:.0f} ms, {number:,} messages of "
        f"{len(envelope.message):,} bytes, median of {ROUNDS}",
        ("", "per second", "ratio"),
        [[name, rate, rate / found["aiosmtplib alone"]] for name, rate in found.items()],
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES, help="how many in each round")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--delay", type=float, default=0, help="seconds that the relay takes for each reply")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.messages, arguments.connections, arguments.delay))
