"""Interruptions of a real database under load: all writers continue, and nothing acknowledged is lost."""

import asyncio
import itertools
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import pytest
from tortoise.context import TortoiseContext

import models
from models.connection import COMMANDS, LISTS, SEARCH, WORK, execute, fetch_one, pool, savepoint, transaction
from models.faults import is_transient
from plaudit.database import config, migrate
from plaudit.grants import GATEWAY_ROLE
from plaudit.postgres import EmbeddedPostgres

WRITERS = 8
WAIT_SECONDS = 30
_names = itertools.count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A separate server, since these tests kill it."""
    one = EmbeddedPostgres(tmp_path_factory.mktemp("server"))
    one.start()
    yield one
    one.destroy()


async def run(url: str, *statements: str) -> object:
    """Runs statements, and returns the value of the last one."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


@pytest.fixture
async def url(server: EmbeddedPostgres) -> str:
    """An empty database on the server."""
    name = f"database_{next(_names)}"
    await run(server.url, f"create database {name}", "select 1")
    return f"{server.url.rpartition('/')[0]}/{name}"


@asynccontextmanager
async def pools(url: str, size: int = 10) -> AsyncIterator[None]:
    """Opens separate pools for this test."""
    async with TortoiseContext() as context:
        await context.init(config=config(url, size=size))
        yield


@dataclass
class Load:
    """Writers that record which commits were acknowledged."""

    stop: bool = False
    acknowledged: set[int] = field(default_factory=set)
    failed: dict[int, BaseException] = field(default_factory=dict)
    latest: list[int] = field(default_factory=lambda: [0] * WRITERS)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def write(self, writer: int) -> None:
        while not self.stop:
            number = next(self.numbers)
            try:
                async with transaction(WORK) as tx:
                    await execute(tx, "insert into kept values ($1)", number)
                    await execute(tx, "select pg_sleep(0.005)")
            except Exception as error:  # noqa: BLE001 - checked at the end
                self.failed[number] = error
                await asyncio.sleep(0.02)
            else:
                self.acknowledged.add(number)
                self.latest[writer] = number

    async def continues(self) -> None:
        """Waits until every writer has completed a write that it began after now."""
        since = next(self.numbers)
        await until(lambda: min(self.latest) > since)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not true():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def under_load(url: str) -> AsyncIterator[Load]:
    """Checks at the end that nothing acknowledged is lost, nothing else was written, and every failure was transient."""
    await run(url, "create table kept (number bigint primary key)", "select 1")
    load = Load()
    async with pools(url):
        tasks = [asyncio.create_task(load.write(writer)) for writer in range(WRITERS)]
        try:
            await load.continues()
            yield load
            await load.continues()
        finally:
            load.stop = True
            await asyncio.gather(*tasks)
    connection = await asyncpg.connect(url)
    kept = {row["number"] for row in await connection.fetch("select number from kept")}
    await connection.close()
    assert load.acknowledged <= kept <= load.acknowledged | set(load.failed)
    assert [error for error in load.failed.values() if not is_transient(error)] == []


BACKENDS = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


async def test_writers_survive_three_terminations_of_all_backends(url: str) -> None:
    async with under_load(url) as load:
        for _ in range(3):
            await run(url, f"select count(pg_terminate_backend(pid)) from ({BACKENDS}) as theirs")
            await load.continues()
        assert load.failed


async def test_writers_survive_a_killed_backend(url: str) -> None:
    """PostgreSQL then ends all sessions and recovers."""
    async with under_load(url) as load:
        os.kill(int(str(await run(url, f"{BACKENDS} limit 1"))), signal.SIGKILL)
        await until(lambda: bool(load.failed))


async def test_writers_survive_a_killed_and_restarted_server(server: EmbeddedPostgres, url: str) -> None:
    async with under_load(url) as load:
        assert server.child
        server.child.kill()
        server.child.wait(5)
        await until(lambda: bool(load.failed))
        await asyncio.to_thread(server.start)


async def test_writers_survive_a_stopped_server(server: EmbeddedPostgres, url: str) -> None:
    async with under_load(url) as load:
        await asyncio.to_thread(server.stop)
        await until(lambda: len(load.failed) > 3 * WRITERS)
        await asyncio.to_thread(server.start)


async def test_a_session_terminated_in_a_transaction_loses_only_that_transaction(url: str) -> None:
    async with pools(url):
        with pytest.raises(Exception) as lost:  # noqa: PT011 - checked with is_transient
            await _terminate_own_session(url)
        assert is_transient(lost.value)
        async with transaction(WORK) as tx:
            assert await fetch_one(tx, "select 1 as one")


async def _terminate_own_session(url: str) -> None:
    async with transaction(WORK) as tx:
        row = await fetch_one(tx, "select pg_backend_pid() as pid")
        assert row
        await run(url, f"select pg_terminate_backend({row['pid']}, 5000)")
        await execute(tx, "select 1")


async def test_a_transaction_begins_although_idle_connections_were_lost(url: str) -> None:
    async with pools(url, size=3):
        async with asyncio.TaskGroup() as tasks:
            for _ in range(3):
                tasks.create_task(execute(pool(WORK), "select pg_sleep(0.1)"))
        # In a thread that blocks the event loop, which then does not notice the loss before the transaction begins.
        terminate = f"select count(pg_terminate_backend(pid, 5000)) from ({BACKENDS}) as theirs"
        thread = threading.Thread(target=lambda: asyncio.run(run(url, terminate)))
        thread.start()
        thread.join(WAIT_SECONDS)
        async with transaction(WORK) as tx:
            assert await fetch_one(tx, "select 1 as one")


async def cancel_once_prepared(reading: asyncio.Task[object]) -> None:
    """Cancels the statement between its preparation and its execution: when the first response has arrived, but before the
    task continues."""
    while (waiter := reading._fut_waiter) is None or not waiter.done():  # type: ignore[attr-defined]
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait([reading])


async def test_a_cancelled_statement_leaves_no_transaction_open(url: str) -> None:
    await run(url, "create table kept (number bigint primary key)", "select 1")
    async with pools(url, size=1):
        await execute(pool(WORK), "select 1")
        reading: asyncio.Task[object] = asyncio.create_task(execute(pool(WORK), "select number from kept"))
        await cancel_once_prepared(reading)
        assert reading.cancelled()
        await run(url, "set lock_timeout = '2s'", "drop table kept", "select 1")


async def in_transaction() -> None:
    async with transaction(WORK) as tx:
        await execute(tx, "select pg_sleep(1)")


async def alone() -> None:
    await execute(pool(WORK), "select pg_sleep(1)")


@pytest.mark.parametrize("times", [1, 2, 3, 5])
@pytest.mark.parametrize("statement", [alone, in_transaction])
async def test_a_statement_cancelled_repeatedly_returns_its_connection(
    server: EmbeddedPostgres, url: str, statement: Callable[[], Coroutine[None, None, None]], times: int
) -> None:
    async with pools(url, size=1):
        await execute(pool(WORK), "select 1")
        pid = int(str(await run(url, f"{BACKENDS} limit 1")))
        running = asyncio.create_task(statement())
        await asyncio.sleep(0.05)
        os.kill(pid, signal.SIGSTOP)  # so that each cancellation comes while the one before is being handled
        for _ in range(times):
            running.cancel()
            await asyncio.sleep(0.02)
        os.kill(pid, signal.SIGCONT)
        await asyncio.wait([running])
        await asyncio.wait_for(execute(pool(WORK), "select 1"), WAIT_SECONDS)


async def test_waiting_for_a_full_pool_ends(url: str) -> None:
    async with pools(url, size=1):
        held, enough = asyncio.Event(), asyncio.Event()
        holder = asyncio.create_task(_hold(held, enough))
        await asyncio.wait_for(held.wait(), WAIT_SECONDS)
        with pytest.raises(TimeoutError) as full:
            await execute(pool(WORK), "select 1")
        enough.set()
        await holder
    assert is_transient(full.value)


async def _hold(held: asyncio.Event, enough: asyncio.Event) -> None:
    async with transaction(WORK):
        held.set()
        await enough.wait()


async def test_each_pool_has_its_role_and_limits(url: str) -> None:
    await migrate(url)
    asked = "select current_user as who, current_setting('plan_cache_mode') as plan, current_setting('statement_timeout') as most"
    async with pools(url):
        rows = {name: await fetch_one(pool(name), asked) for name in (COMMANDS, LISTS, SEARCH, WORK)}
    assert {name: tuple(row or ()) for name, row in rows.items()} == {
        COMMANDS: (GATEWAY_ROLE, "auto", "15s"),
        LISTS: (GATEWAY_ROLE, "force_generic_plan", "5s"),
        SEARCH: (GATEWAY_ROLE, "force_custom_plan", "1s"),
        WORK: ("postgres", "auto", "30s"),
    }


async def test_a_migration_leaves_open_pools_untouched(url: str) -> None:
    async with pools(url):
        await migrate(url)
        assert await fetch_one(pool(WORK), "select 1 as one")


def test_with_a_pooler_there_are_no_settings_or_prepared_statements() -> None:
    for connection in config("postgresql://me@pooler/db", pooler=True)["connections"].values():
        assert connection["credentials"]["statement_cache_size"] == 0
        assert "server_settings" not in connection["credentials"]


async def test_concurrent_migrations_run_one_after_another(url: str) -> None:
    await asyncio.wait_for(asyncio.gather(*(migrate(url) for _ in range(3))), WAIT_SECONDS)
    await migrate(url)
    assert await run(url, "select count(*) = count(distinct name) and count(*) > 0 from tortoise_migrations")


async def test_url_options_apply_to_the_pools(url: str) -> None:
    """The embedded server has no TLS."""
    async with pools(f"{url}?sslmode=require"):
        with pytest.raises(ConnectionError, match="SSL"):
            await fetch_one(pool(WORK), "select 1 as one")
    async with pools(f"{url}?sslmode=disable"):
        assert await fetch_one(pool(WORK), "select 1 as one") == (1,)


async def test_the_orm_raises_the_same_errors_as_statements(db: str) -> None:
    """In a transaction, in a savepoint, and outside of both."""
    nul = {"key": "a\x00b"}
    with pytest.raises(asyncpg.CharacterNotInRepertoireError):
        await models.Account.filter(**nul).exists()
    with pytest.raises(asyncpg.CharacterNotInRepertoireError):
        async with transaction() as tx:
            await models.Account.filter(**nul).using_db(tx).exists()
    with pytest.raises(asyncpg.CharacterNotInRepertoireError):
        async with transaction() as tx, savepoint(tx) as inner:
            await models.Account.filter(**nul).using_db(inner).exists()
