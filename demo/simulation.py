"""Simulates the demo's history in order: due messages are sent, people respond, and staff acts."""

import heapq
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

from delivery.sender import Sender
from demo.behavior import Act, Sent, reactions
from models.clock import clock
from models.commands.activity import Actor
from models.connection import WORK, fetch, fetch_one, pool, transaction

SOON = timedelta(minutes=5)
"""Messages that a lane's rate delays for less than this are sent in the same step."""
_BATCH = 50

_SENT = """
-- Which messages were sent since a time?
select m.id, m.step, m.sent_at, m.account_id, m.location_id, m.invitation_id, m.recipient,
  concat_ws(' ', c.first_name, c.last_name) as name,
  array(select p.key from review_platform p where p.location_id = m.location_id order by p.position) as platforms
from message m join invitation i on i.id = m.invitation_id join customer c on c.id = i.customer_id
where m.sent_at >= $1 and m.state = 'SENT' order by m.recipient, m.step
"""


@dataclass
class Simulation:
    """`staff` returns the member who calls the recipient of a message."""

    sender: Sender
    random: Random
    staff: Callable[[Sent], Actor]
    _acts: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)

    async def at(self, moment: datetime, *actions: Callable[[], Awaitable[object]]) -> None:
        """Advances the clock to this moment: runs pending acts up to it, then these actions, then delivers mail."""
        await self._act_until(moment)
        clock.set(moment)
        for action in actions:
            await action()
        await self._deliver()
        await self._read(moment)

    async def _deliver(self) -> None:
        while True:
            while await self.sender.round():
                pass
            row = await fetch_one(pool(WORK), "select min(next_due) as due from lane where flag is null")
            due: datetime | None = row["due"] if row else None
            if due is None or due > clock.now() + SOON:
                return
            clock.set(max(due, clock.now() + timedelta(milliseconds=100)))

    async def _read(self, since: datetime) -> None:
        for row in await fetch(pool(WORK), _SENT, since):
            sent = Sent(
                id=row["id"],
                step=row["step"],
                sent_at=row["sent_at"],
                account_id=row["account_id"],
                location_id=row["location_id"],
                invitation_id=row["invitation_id"],
                name=row["name"],
                email=row["recipient"],
                platforms=row["platforms"],
            )
            for at, act in reactions(sent, self.random, self.staff(sent)):
                heapq.heappush(self._acts, (at, next(self._order), act))

    async def _act_until(self, moment: datetime) -> None:
        """Runs several acts per transaction, since nothing else uses the database yet."""
        while self._acts and self._acts[0][0] < moment:
            async with transaction(WORK) as tx:
                for _ in range(_BATCH):
                    if not self._acts or self._acts[0][0] >= moment:
                        break
                    at, _, act = heapq.heappop(self._acts)
                    await act(tx, at)
