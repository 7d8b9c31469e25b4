"""The only module that uses pgqueuer. Jobs carry keys; state is in our own tables."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from pgqueuer import PgQueuer, Queries
from pgqueuer.adapters.persistence import qb
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.domain.settings import DBSettings
from pgqueuer.models import Job

from models.clock import first_of
from models.connection import Connection, Db, execute, fetch, retry_pause
from models.faults import LOST, log_fault, without_values

Handler = Callable[[str], Awaitable[None]]

SETTINGS = DBSettings(db_schema="jobs")
HANDLERS: dict[str, Handler] = {}
MAX_AT_ONCE = 4
_CLOSE_SECONDS, _ANSWER_SECONDS, _HEALTHY_SECONDS = 5.0, 10.0, 10.0
_MAX_ENGINES = 3
LOG_KEPT = timedelta(days=7)
_LINES_AT_ONCE = 10_000
log = logging.getLogger(__name__)


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Registers the decorated function as the handler of this kind of job."""

    def declare(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return declare


def _queries(driver: Any) -> Queries:
    environment, queue, scheduler = qb.QueryBuilderEnvironment, qb.QueryQueueBuilder, qb.QuerySchedulerBuilder
    return Queries(driver, environment(SETTINGS), queue(SETTINGS), scheduler(SETTINGS))


class _InTransaction:
    """A driver for the engine that uses the caller's transaction: enqueueing needs two of the eight methods."""

    def __init__(self, tx: Db) -> None:
        self.tx = tx

    async def fetch(self, query: str, *args: object) -> list[dict[str, Any]]:
        return [dict(row) for row in await fetch(self.tx, query, *args)]

    async def execute(self, query: str, *args: object) -> str:
        await execute(self.tx, query, *args)
        return ""


async def enqueue(tx: Db, kind: str, key: str, *, dedupe_key: str) -> None:
    """Enqueues a job in the caller's transaction, unless one with this dedupe_key exists."""
    await _queries(_InTransaction(tx)).enqueue(kind, key.encode(), dedupe_key=dedupe_key, on_conflict="skip")


_KEYS = f"""
-- Which keys have a queued or running job of this kind ($1)?
select convert_from(payload, 'utf8') as key from {SETTINGS.qualified.queue_table}
where entrypoint = $1 and status in ('queued', 'picked')
"""


async def keys(db: Db, kind: str) -> set[str]:
    return {row["key"] for row in await fetch(db, _KEYS, kind)}


async def install(connection: asyncpg.Connection) -> None:
    """Creates or upgrades the engine's tables."""
    await _queries(AsyncpgDriver(connection)).upgrade()


_PRUNE = f"""
-- Deletes old lines of the engine's log, and counts them ($1 older than this, $2 at most this many).
with gone as (
  delete from {SETTINGS.qualified.queue_table_log}
  where id = any (array(select id from {SETTINGS.qualified.queue_table_log} where created < $1 order by created limit $2))
  returning 1
)
select count(*) from gone
"""


async def prune(db: Db, now: datetime) -> int:
    """Deletes some lines older than a week from the engine's log, which the engine never prunes. Returns how many."""
    (row,) = await fetch(db, _PRUNE, now - LOG_KEPT, _LINES_AT_ONCE)
    return int(row[0])


async def work(direct_url: str, stop: asyncio.Event, *, lease_seconds: float = 10.0) -> None:
    """Runs jobs until `stop`, then finishes those in progress. Jobs of a lost worker run again after the lease.

    The engine does not listen again after it lost its listener. So when it loses a connection, another engine starts,
    while the old one finishes its jobs in progress.
    """
    engines: set[asyncio.Task[None]] = set()
    attempt = 0
    try:
        while not stop.is_set():
            lost = asyncio.Event()
            began = asyncio.get_running_loop().time()
            engines.add(asyncio.create_task(_engine(direct_url, lease_seconds, stop, lost)))
            await first_of(stop, lost)
            attempt = 0 if asyncio.get_running_loop().time() > began + _HEALTHY_SECONDS else attempt + 1
            await first_of(stop, seconds=retry_pause(attempt))
            engines = {one for one in engines if not one.done()}
            if len(engines) >= _MAX_ENGINES:
                await asyncio.wait(engines, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait(engines)
    finally:
        for one in engines:
            one.cancel()
        if engines:
            await asyncio.wait(engines)


async def _engine(direct_url: str, lease_seconds: float, stop: asyncio.Event, lost: asyncio.Event) -> None:
    """Runs an engine with its own pool until `stop` or until it loses a connection; sets `lost` at the end."""

    async def watch(connection: asyncpg.Connection) -> None:
        connection.add_termination_listener(lambda _: lost.set())

    try:
        # No idle timeout: a connection closed by it would look lost.
        pool = asyncpg.create_pool(
            direct_url,
            min_size=0,
            max_size=4,
            timeout=3,
            command_timeout=_ANSWER_SECONDS,
            max_inactive_connection_lifetime=0,
            init=watch,
            connection_class=Connection,
        )
        await pool
        try:
            await _run_engine(_Driver(pool, lost), lease_seconds, stop, lost)
        finally:
            await _close(pool)
    except Exception as error:  # noqa: BLE001 - jobs must continue after any error
        if "'pgq " in str(error):  # the engine recommends its own command, which Plaudit does not use
            log.warning("jobs paused: the tables of the job engine are missing or older; run: plaudit migrate")
        else:
            log_fault(log, "jobs paused", error)
    finally:
        lost.set()


class _Driver(AsyncpgPoolDriver):
    """Sets `lost` as soon as a statement of the engine fails; the engine itself first waits for jobs in progress."""

    def __init__(self, pool: asyncpg.Pool, lost: asyncio.Event) -> None:
        super().__init__(pool)
        self._lost = lost

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        try:
            return await super().fetch(query, *args)
        except LOST:
            self._lost.set()
            raise


async def _close(pool: asyncpg.Pool) -> None:
    """Terminates the pool if closing it hangs, as it does if the engine still holds a lost connection."""
    try:
        await asyncio.wait_for(pool.close(), _CLOSE_SECONDS)
    except TimeoutError:
        pool.terminate()


async def _run_engine(driver: AsyncpgPoolDriver, lease_seconds: float, *ends: asyncio.Event) -> None:
    engine = PgQueuer(driver, queries=_queries(driver))
    for kind, handler in HANDLERS.items():
        _register(engine, kind, handler)
    waiting = [asyncio.create_task(_pass_on(end, engine.shutdown)) for end in ends]
    try:
        await engine.run(
            dequeue_timeout=timedelta(seconds=2),
            batch_size=MAX_AT_ONCE // 2,
            heartbeat_timeout=timedelta(seconds=lease_seconds),
            max_concurrent_tasks=MAX_AT_ONCE,
        )
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)


async def _pass_on(end: asyncio.Event, shutdown: asyncio.Event) -> None:
    """Passes on an event to the engine, which must not share it, since it also sets its `shutdown` itself."""
    await end.wait()
    shutdown.set()


class JobFailedError(RuntimeError):
    """A job failed because of a bug; the message has the error's type and location only."""


def _register(engine: PgQueuer, kind: str, handler: Handler) -> None:
    """A failed job is deleted: remaining work is stored in our own tables, where upkeep finds it."""

    @engine.entrypoint(kind, on_failure="delete")
    async def run(job: Job) -> None:
        try:
            await handler((job.payload or b"").decode())
        except Exception as error:  # noqa: BLE001 - the engine would log and store the error with its values
            raise JobFailedError(without_values(error)) from None
