"""Heartbeats of workers, with the state of the mail relay."""

from datetime import datetime, timedelta
from uuid import UUID

from models.connection import Db, execute
from models.reads.delivery_state import RelayState

FORGOTTEN_AFTER = timedelta(hours=1)


_BEAT = """
insert into worker_heartbeat (worker, started_at, seen_at, relay, relay_reply) values ($1, $2, $3, $4, $5)
on conflict (worker) do update set seen_at = excluded.seen_at, relay = excluded.relay, relay_reply = excluded.relay_reply
"""


async def beat(
    db: Db, worker: UUID, started_at: datetime, now: datetime, relay: RelayState, reply: str | None = None
) -> None:
    """`reply`: why the relay cannot be used, in its words."""
    await execute(db, _BEAT, worker, started_at, now, str(relay), reply)
    await execute(db, "delete from worker_heartbeat where seen_at < $1", now - FORGOTTEN_AFTER)


async def end(db: Db, worker: UUID) -> None:
    await execute(db, "delete from worker_heartbeat where worker = $1", worker)
