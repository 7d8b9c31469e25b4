"""Workers that are killed at a chosen moment: `python -m tests.faults.dying_worker DATABASE_URL RELAY_PORT`.

Each line of standard input is the number of a callback of the event loop at which a forked worker gets SIGKILL, on the path from
the claim to the record. 0 stands for a worker that is not killed and recovers what others left, until nothing is due. -N makes N
messages due. For each line, "killed", "ended" or "failed" is printed.
"""

import asyncio
import sys
from uuid import uuid4

from delivery.links import Links, LinkSigner
from delivery.render import Writer
from delivery.sender import Sender
from delivery.smtp import Relay
from models.clock import clock
from models.commands import sending
from models.connection import WORK, fetch, pool
from plaudit import database
from tests import factories as make
from tests.faults.dying_loop import dying, fate, fork

CONNECTIONS, LEASE_SECONDS = 3, 1.0
_LEFT = """
select 1 from message
where state in ('CLAIMED', 'SENDING') or state in ('SCHEDULED', 'DEFERRED') and due_at <= now() limit 1
"""


async def invite(url: str, number: int) -> None:
    """Makes so many messages of a new location due."""
    async with database.opened(url):
        location = await make.location(await make.account(), steps=(0,))
        for _ in range(number):
            await make.invited(location)


async def work(url: str, port: int, callback: int) -> None:
    """Delivers until no message is left that is due and not held by another worker, or until the callback."""
    links = Links("https://example.com", LinkSigner(("secret" * 8,)))
    sender = Sender(
        Relay("127.0.0.1", port), Writer(links), uuid4(), connections=CONNECTIONS, lease_seconds=LEASE_SECONDS
    )
    async with database.opened(url):
        await dying(_deliver(sender), callback)
        while not callback and await fetch(pool(WORK), _LEFT):
            await sending.reap(clock.now())
            await sending.repair_lanes(pool(WORK), clock.now())
            if not await sender.round():
                await asyncio.sleep(0.05)


async def _deliver(sender: Sender) -> None:
    while await sender.round():
        pass


def run(url: str, port: int, callback: int) -> str:
    return fate(fork(lambda: invite(url, -callback) if callback < 0 else work(url, port, callback)))


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(f"{run(sys.argv[1], int(sys.argv[2]), int(line))}\n")
        sys.stdout.flush()
