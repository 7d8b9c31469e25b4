"""The job engine's port: all that the house knows of pgqueuer. Jobs carry keys; the truth is in our own rows."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from pgqueuer import PgQueuer, Queries
from pgqueuer.adapters.persistence import qb
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.domain.settings import DBSettings
from pgqueuer.executors import DatabaseRetryEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.models import Job

from models.connection import Db, execute, fetch

Handler = Callable[[str], Awaitable[None]]

SETTINGS = DBSettings(db_schema="jobs")
HANDLERS: dict[str, Handler] = {}
MAX_AT_ONCE = 4
_CLOSE_SECONDS = 5.0
LOG_KEPT = timedelta(days=7)
_LINES_AT_ONCE = 10_000
log = logging.getLogger(__name__)


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Declares who does the jobs of a kind; the worker registers them all."""

    def declare(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return declare


def _queries(driver: Any) -> Queries:
    environment, queue, scheduler = qb.QueryBuilderEnvironment, qb.QueryQueueBuilder, qb.QuerySchedulerBuilder
    return Queries(driver, environment(SETTINGS), queue(SETTINGS), scheduler(SETTINGS))


class _InTransaction:
    """The engine's driver over a transaction of ours: enqueueing needs two of its eight methods."""

    def __init__(self, tx: Db) -> None:
        self.tx = tx

    async def fetch(self, query: str, *args: object) -> list[dict[str, Any]]:
        return [dict(row) for row in await fetch(self.tx, query, *args)]

    async def execute(self, query: str, *args: object) -> str:
        await execute(self.tx, query, *args)
        return ""


async def enqueue(tx: Db, kind: str, key: str, *, dedupe_key: str) -> None:
    """One job, in the caller's transaction; a second one with its dedupe_key is left out while the first is there."""
    await _queries(_InTransaction(tx)).enqueue(kind, key.encode(), dedupe_key=dedupe_key, on_conflict="skip")


async def install(connection: asyncpg.Connection) -> None:
    """The engine's tables, from nothing or from an older version; over one plain connection, whose lock it takes."""
    await _queries(AsyncpgDriver(connection)).upgrade()


_PRUNE = f"""
-- Which lines of the engine's log are older than that ($1 that, $2 at most)?
with gone as (
  delete from {SETTINGS.qualified.queue_table_log}
  where id = any (array(select id from {SETTINGS.qualified.queue_table_log} where created < $1 order by created limit $2))
  returning 1
)
select count(*) from gone
"""


async def prune(db: Db, now: datetime) -> int:
    """Some of the engine's log that is older than a week goes, as the engine itself keeps all of it; how much."""
    (row,) = await fetch(db, _PRUNE, now - LOG_KEPT, _LINES_AT_ONCE)
    return int(row[0])


async def work(direct_url: str, stop: asyncio.Event, *, lease_seconds: float = 30.0) -> None:
    """Does jobs until `stop`, then finishes what it has begun. A job whose worker was lost is taken up after the lease.

    The engine never listens again after it lost its listener: so the first loss ends it, and engine and pool are made
    anew.
    """
    while not stop.is_set():
        lost = asyncio.Event()

        async def watch(connection: asyncpg.Connection, lost: asyncio.Event = lost) -> None:
            connection.add_termination_listener(lambda _: lost.set())

        try:
            # Without a limit on idling: its ends would look like losses.
            pool = asyncpg.create_pool(
                direct_url, min_size=2, max_size=4, timeout=5, max_inactive_connection_lifetime=0, init=watch
            )
            await pool
            try:
                await _run_engine(pool, lease_seconds, stop, lost)
            finally:
                await _close(pool)
        except Exception as error:  # noqa: BLE001 - whatever it was, jobs go on
            log.warning("jobs paused: %s", _why(error), extra={"cause": error})
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.5)


def _why(error: Exception) -> str:
    """The engine's own advice names a command that is not ours."""
    if "'pgq " in str(error):
        return "the tables of the job engine are missing or older; run: plaudit migrate"
    return type(error).__name__


async def _close(pool: asyncpg.Pool) -> None:
    """The engine may have kept a connection that it lost, and closing would wait for it for ever."""
    try:
        await asyncio.wait_for(pool.close(), _CLOSE_SECONDS)
    except TimeoutError:
        pool.terminate()


async def _run_engine(pool: asyncpg.Pool, lease_seconds: float, *ends: asyncio.Event) -> None:
    driver = AsyncpgPoolDriver(pool)
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
    """The engine sets its own event when it gives up, so it never gets ours."""
    await end.wait()
    shutdown.set()


def _register(engine: PgQueuer, kind: str, handler: Handler) -> None:
    @engine.entrypoint(kind, on_failure="hold", executor_factory=_retrying)
    async def run(job: Job) -> None:
        await handler((job.payload or b"").decode())


def _retrying(parameters: EntrypointExecutorParameters) -> DatabaseRetryEntrypointExecutor:
    return DatabaseRetryEntrypointExecutor(parameters=parameters)
