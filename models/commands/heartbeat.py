"""Heartbeats of workers."""

from datetime import datetime, timedelta
from uuid import UUID

from models.connection import Db, execute, fetch_one

FORGOTTEN_AFTER = timedelta(hours=1)


async def beat(db: Db, worker: UUID, started_at: datetime, now: datetime) -> None:
    await execute(
        db,
        "insert into worker_heartbeat (worker, started_at, seen_at) values ($1, $2, $3) "
        "on conflict (worker) do update set seen_at = excluded.seen_at",
        worker,
        started_at,
        now,
    )
    await execute(db, "delete from worker_heartbeat where seen_at < $1", now - FORGOTTEN_AFTER)


async def end(db: Db, worker: UUID) -> None:
    await execute(db, "delete from worker_heartbeat where worker = $1", worker)


async def latest(db: Db) -> datetime | None:
    """When a worker was last seen."""
    row = await fetch_one(db, "select max(seen_at) as seen_at from worker_heartbeat")
    return row["seen_at"] if row else None
