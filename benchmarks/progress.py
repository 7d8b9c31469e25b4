"""The time from a commit that changes an import until a subscriber has the event, from a gateway in another process.

Each change is committed here, as a worker does it, once the event of the last one has arrived and another one may follow.
"""

import argparse
import asyncio
import random
import time
from statistics import median, quantiles
from uuid import UUID

from websockets.asyncio.client import ClientConnection

import models
from benchmarks.harness import fresh_database, gateways, print_table
from models.commands import import_progress
from models.connection import WORK, transaction
from models.rules import ids
from resolvers.progress import MIN_SECONDS
from tests import factories as make
from tests.gateway import Api, receive, subscribe

ROUND = 20
"""So many changes are followed by one subscription."""
MAX_PAUSE_SECONDS = 0.02
"""Changes come at irregular times."""
FOLLOW = """subscription ($id: ID!) { importProgress(bulkImportId: $id) {
  seq state totalRows processedRows invitedRows skippedRows invalidRows percent rowsPerSecond estimatedFinishAt sentMessages } }"""


async def change(key: UUID, invited: int) -> float:
    """Commits a change of the import; the time at which that was done."""
    async with transaction(WORK) as tx:
        await models.BulkImport.filter(id=key).using_db(tx).update(invited_rows=invited)
        await import_progress.changed(tx, key)
    return time.perf_counter()


async def until_seen(socket: ClientConnection, invited: int) -> float:
    """The time at which the subscriber sees this many invited rows."""
    while (await receive(socket))["payload"]["data"]["importProgress"]["invitedRows"] != invited:
        pass
    return time.perf_counter()


async def follow(api: Api, who: models.User, key: UUID, changes: range) -> list[float]:
    """The milliseconds from each commit to its event."""
    took = []
    async with api.connected(who) as socket:
        await subscribe(socket, FOLLOW, id=ids.public_id(ids.BULK_IMPORT, key))
        await receive(socket)
        for number in changes:
            await asyncio.sleep(MIN_SECONDS + random.uniform(0, MAX_PAUSE_SECONDS))
            seen = asyncio.create_task(until_seen(socket, number))
            committed = await change(key, number)
            took.append((await seen - committed) * 1000)
    return took


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=200)
    number = parser.parse_args().changes
    async with fresh_database() as url, gateways(url, {"gateway": {}}) as running:
        account = await make.account()
        owner = await make.member(account)
        key = await make.bulk_import(await make.location(account), total_rows=number)
        client = running["gateway"]
        api = Api(client, str(client.base_url).replace("http", "ws", 1).rstrip("/") + "/graphql")
        await follow(api, owner, key, range(1, ROUND))  # the first statements are planned, and connections opened
        took = []
        for start in range(ROUND, ROUND + number, ROUND):
            took += await follow(api, owner, key, range(start, min(start + ROUND, ROUND + number)))
    row = [len(took), median(took), quantiles(took, n=100)[98], max(took)]
    print_table("From a commit to its event", ["changes", "median, ms", "99th percentile, ms", "slowest, ms"], [row])


if __name__ == "__main__":
    asyncio.run(main())
