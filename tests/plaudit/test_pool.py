"""Connections are kept for the next statement, but not from who waits for one, and not for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from models.connection import Connection
from plaudit import pool as pools
from plaudit.pool import Pool
from tests.plaudit.test_database import until

WAIT_SECONDS = 5


@pytest.fixture(autouse=True)
def kept_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "KEPT_SECONDS", 60)


@asynccontextmanager
async def pool_of(url: str, size: int = 2) -> AsyncIterator[tuple[Pool, asyncpg.Pool]]:
    inner = await asyncpg.create_pool(url, min_size=0, max_size=size, connection_class=Connection)
    pool = Pool(inner)
    try:
        yield pool, inner
    finally:
        await asyncio.wait_for(pool.close(), WAIT_SECONDS)


async def pid(connection: asyncpg.Connection) -> int:
    found: int = await connection.fetchval("select pg_backend_pid()")
    return found


async def use(pool: Pool) -> int:
    connection = await pool.acquire()
    found = await pid(connection)
    await pool.give_back(connection)
    return found


async def test_a_connection_that_was_given_back_is_used_next(database_url: str) -> None:
    async with pool_of(database_url) as (pool, inner):
        first = await use(pool)
        assert inner.get_idle_size() == 0
        assert await use(pool) == first
        assert inner.get_size() == 1


async def test_what_nobody_uses_returns_to_the_pool(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "KEPT_SECONDS", 0.01)
    async with pool_of(database_url) as (pool, inner):
        for _ in range(2):
            await use(pool)
            await until(lambda: inner.get_idle_size() == 1)
        assert inner.get_size() == 1


async def test_who_waits_gets_the_connection(database_url: str) -> None:
    async with pool_of(database_url, size=1) as (pool, inner):
        connection = await pool.acquire()
        waiting = asyncio.create_task(use(pool))
        await asyncio.sleep(0)
        await pool.give_back(connection)
        async with asyncio.timeout(WAIT_SECONDS):
            assert await waiting == await use(pool)
        assert inner.get_size() == 1


async def test_a_kept_connection_that_the_server_ends_is_not_used(database_url: str) -> None:
    async with pool_of(database_url) as (pool, _):
        connection = await pool.acquire()
        ended = await pid(connection)
        other = await asyncpg.connect(database_url)
        await pool.give_back(connection)
        await other.execute("select pg_terminate_backend($1)", ended)
        await other.close()
        await until(lambda: pools._is_closed(connection))
        assert await use(pool) != ended


async def test_if_a_connection_is_lost_what_is_kept_is_replaced(database_url: str) -> None:
    async with pool_of(database_url) as (pool, _):
        lost, kept = await pool.acquire(), await pool.acquire()
        before = await pid(kept)
        await pool.give_back(kept)
        await pool.give_back(lost, OSError())
        assert await use(pool) != before


async def test_if_a_connection_is_lost_what_is_used_meanwhile_is_replaced(database_url: str) -> None:
    async with pool_of(database_url) as (pool, _):
        lost, used = await pool.acquire(), await pool.acquire()
        before = await pid(used)
        await pool.give_back(lost, OSError())
        await pool.give_back(used)
        assert await use(pool) != before


async def test_a_connection_returns_to_the_pool_however_often_it_is_used(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "KEPT_SECONDS", 0.05)
    async with pool_of(database_url) as (pool, inner), asyncio.timeout(WAIT_SECONDS):
        await use(pool)
        while inner.get_idle_size() == 0:
            await use(pool)
        assert inner.get_size() == 1


async def test_a_pool_that_closes_keeps_and_gives_no_connection(database_url: str) -> None:
    async with pool_of(database_url) as (pool, _):
        connection = await pool.acquire()
        closing = asyncio.create_task(pool.close())
        await asyncio.sleep(0)
        await pool.give_back(connection)
        await asyncio.wait_for(closing, WAIT_SECONDS)
        with pytest.raises(asyncpg.InterfaceError):
            await pool.acquire()


async def test_after_an_error_a_connection_is_not_kept(database_url: str) -> None:
    async with pool_of(database_url) as (pool, inner):
        connection = await pool.acquire()
        with pytest.raises(asyncpg.DivisionByZeroError) as failed:
            await connection.fetch("select 1 / 0")
        await pool.give_back(connection, failed.value)
        assert inner.get_idle_size() == 1
