"""How the time until a change arrives grows with a gateway's subscribers: those that all follow the import that changes, and those
that follow another one."""

import argparse
import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median
from uuid import UUID

from websockets.asyncio.client import ClientConnection

import models
from benchmarks import plot
from benchmarks.harness import fresh_database, gateways, print_table
from benchmarks.progress import FOLLOW, change, until_seen
from models.rules import ids
from plaudit.graphql import MAX_SUBSCRIPTIONS
from resolvers.progress import MIN_SECONDS
from tests import factories as make
from tests.gateway import Api, receive, subscribe

NUMBERS = (10, 100, 500, 2_000)
CHANGES = 15


@asynccontextmanager
async def following(api: Api, who: models.User, key: UUID, number: int) -> AsyncIterator[list[ClientConnection]]:
    """So many subscriptions, as many on each websocket as it can have; one websocket for each of them is returned."""
    async with AsyncExitStack() as stack:
        sockets = []
        for first in range(0, number, MAX_SUBSCRIPTIONS):
            socket = await stack.enter_async_context(api.connected(who))
            own = range(min(MAX_SUBSCRIPTIONS, number - first))
            for one in own:
                await subscribe(socket, FOLLOW, key=str(one), id=ids.public_id(ids.BULK_IMPORT, key))
            for _ in own:
                await receive(socket)
            sockets += [socket] * len(own)
        yield sockets


async def times(key: UUID, sockets: list[ClientConnection], first: int) -> list[float]:
    """Milliseconds from each commit until all subscribers have its event."""
    took = []
    for number in range(first, first + CHANGES):
        await asyncio.sleep(MIN_SECONDS + 0.01)
        seen = [asyncio.create_task(_all_seen(socket, number, count)) for socket, count in Counter(sockets).items()]
        committed = await change(key, number)
        took.append((max(await asyncio.gather(*seen)) - committed) * 1000)
    return took[CHANGES // 5 :]


async def _all_seen(socket: ClientConnection, invited: int, count: int) -> float:
    last = 0.0
    for _ in range(count):
        last = await until_seen(socket, invited)
    return last


async def main(numbers: tuple[int, ...]) -> None:
    together: list[float] = []
    beside: list[float] = []
    async with fresh_database() as url, gateways(url, {"gateway": {}}) as running:
        account = await make.account()
        owner, location = await make.member(account), await make.location(account)
        key = await make.bulk_import(location, total_rows=10_000)
        other = await make.bulk_import(location, total_rows=10_000)
        client = running["gateway"]
        socket_url = str(client.base_url).replace("http", "ws", 1).rstrip("/") + "/graphql"
        api = Api(client, socket_url, socket_seconds=600)
        for at, number in enumerate(numbers):
            async with following(api, owner, key, number) as sockets:
                together.append(median(await times(key, sockets, 1 + 2 * at * CHANGES)))
            async with following(api, owner, other, number), following(api, owner, key, 1) as sockets:
                beside.append(median(await times(key, sockets, 1 + (2 * at + 1) * CHANGES)))
    each = [took / number for took, number in zip(together, numbers, strict=True)]
    columns = ["median ms", *(f"{number:,} subscribers" for number in numbers)]
    rows: list[list[object]] = [
        ["until all who follow the import have its event", *together],
        ["the same, for each of them", *each],
        ["until one has it, beside those who follow another import", *beside],
    ]
    print_table(f"From a commit to its event; {CHANGES} changes", columns, rows)
    lines = {
        "for each of those who follow it": [*zip(numbers, each, strict=True)],
        "for one, beside others": [*zip(numbers, beside, strict=True)],
    }
    plot.save("subscribers", plot.lines(lines, "subscribers of the gateway", "ms"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=NUMBERS[-1], help="the largest number of subscribers")
    most = parser.parse_args().most
    asyncio.run(main(tuple(number for number in NUMBERS if number <= most)))
