"""Jobs: enqueued in the transaction of their row, and executed even after the database was unavailable."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import asyncpg
import pytest
from tortoise.context import TortoiseContext

from models.clock import clock
from models.commands import jobs
from models.connection import COMMANDS, WORK, execute, fetch, pool, transaction
from plaudit.database import config
from plaudit.worker import run_upkeep
from tests.conftest import make_database

KIND = "test.note"
WAIT_SECONDS = 20


@pytest.fixture
async def url(worker_id: str) -> str:
    """A database without other workers, which would take our jobs."""
    return await make_database(f"plaudit_jobs_{worker_id}")


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the executed jobs."""
    keys: list[str] = []

    async def note(key: str) -> None:
        keys.append(key)

    monkeypatch.setitem(jobs.HANDLERS, KIND, note)
    return keys


@pytest.fixture
async def worker(url: str, done: list[str]) -> AsyncIterator[None]:
    stop = asyncio.Event()
    working = asyncio.create_task(jobs.work(url, stop))
    yield
    stop.set()
    await asyncio.wait_for(working, WAIT_SECONDS)


async def enqueue(url: str, *keys: str, dedupe: str | None = None) -> None:
    async with TortoiseContext() as context:
        await context.init(config=config(url, size=2))
        for key in keys:
            async with transaction(COMMANDS) as tx:
                await jobs.enqueue(tx, KIND, key, dedupe_key=dedupe or key)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():
            await asyncio.sleep(0.02)


async def waiting(url: str) -> int:
    connection = await asyncpg.connect(url)
    number: int = await connection.fetchval("select count(*) from jobs.pgqueuer")
    await connection.close()
    return number


async def end_sessions(url: str) -> None:
    connection = await asyncpg.connect(url)
    others = "datname = current_database() and pid <> pg_backend_pid()"
    await connection.fetch(f"select pg_terminate_backend(pid, 2000) from pg_stat_activity where {others}")
    await connection.close()


async def test_a_job_is_executed_once(url: str, worker: None, done: list[str]) -> None:
    await enqueue(url, "one", "two")
    await until(lambda: sorted(done) == ["one", "two"])


async def test_a_job_with_the_dedupe_key_of_a_waiting_one_is_not_enqueued(url: str) -> None:
    await enqueue(url, "one", "two", dedupe="same")
    assert await waiting(url) == 1


async def test_a_job_is_rolled_back_with_its_transaction(url: str) -> None:
    async with TortoiseContext() as context:
        await context.init(config=config(url, size=2))
        with pytest.raises(ZeroDivisionError):
            await _enqueue_and_fail()
    assert await waiting(url) == 0


async def _enqueue_and_fail() -> None:
    async with transaction(COMMANDS) as tx:
        await jobs.enqueue(tx, KIND, "lost", dedupe_key="lost")
        raise ZeroDivisionError


async def test_jobs_continue_after_every_connection_was_lost(url: str, worker: None, done: list[str]) -> None:
    await enqueue(url, "before")
    await until(lambda: done == ["before"])
    for number in range(3):
        await end_sessions(url)
        await enqueue(url, str(number))
        await until(lambda number=number: done[-1] == str(number))  # type: ignore[misc]


async def test_a_new_job_does_not_wait_for_a_running_one_after_connections_were_lost(
    url: str, monkeypatch: pytest.MonkeyPatch, done: list[str]
) -> None:
    started, release, note = asyncio.Event(), asyncio.Event(), jobs.HANDLERS[KIND]

    async def slow(key: str) -> None:
        if key == "slow":
            started.set()
            await release.wait()
        await note(key)

    monkeypatch.setitem(jobs.HANDLERS, KIND, slow)
    stop = asyncio.Event()
    working = asyncio.create_task(jobs.work(url, stop))
    await enqueue(url, "slow")
    await asyncio.wait_for(started.wait(), WAIT_SECONDS)
    await end_sessions(url)
    await enqueue(url, "next")
    await until(lambda: done == ["next"])
    release.set()
    await until(lambda: done == ["next", "slow"])
    stop.set()
    await asyncio.wait_for(working, WAIT_SECONDS)


async def test_a_failed_job_is_deleted_and_logged_without_values(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(key: str) -> None:
        raise ValueError(key)

    monkeypatch.setitem(jobs.HANDLERS, KIND, fail)
    stop = asyncio.Event()
    working = asyncio.create_task(jobs.work(url, stop))
    await enqueue(url, "somebody@example.org")
    await until(lambda: "ValueError" in caplog.text)
    async with asyncio.timeout(WAIT_SECONDS):
        while await waiting(url):
            await asyncio.sleep(0.02)
    stop.set()
    await asyncio.wait_for(working, WAIT_SECONDS)
    assert "in fail" in caplog.text
    assert "somebody" not in caplog.text
    connection = await asyncpg.connect(url)
    kept = await connection.fetchval("select string_agg(traceback::text, '') from jobs.pgqueuer_log")
    await connection.close()
    assert "somebody" not in kept


async def test_upkeep_deletes_the_job_log_after_a_week(url: str) -> None:
    cutoff = clock.now() - jobs.LOG_KEPT
    text = "insert into jobs.pgqueuer_log (created, job_id, status, priority, entrypoint) values ($1, $2, 'successful', 0, $3)"
    async with TortoiseContext() as context:
        await context.init(config=config(url, size=2))
        for number, created in enumerate((cutoff - timedelta(minutes=1), cutoff + timedelta(minutes=1))):
            await execute(pool(WORK), text, created, number, KIND)
        await run_upkeep()
        rows = await fetch(pool(WORK), "select job_id from jobs.pgqueuer_log")
    assert [row["job_id"] for row in rows] == [1]
