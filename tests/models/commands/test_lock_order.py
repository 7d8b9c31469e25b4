"""Transactions that change several messages lock them in one order, so that no two of them wait for each other."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from uuid import UUID, uuid4

import pytest

from models.clock import clock
from models.commands import import_control, sending
from models.connection import WORK, Db, execute, fetch, fetch_one, pool, transaction
from tests import factories as make
from tests.bulk_import.imports import people, run_import
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
_WAITING = "select count(distinct pid) as number from pg_locks where not granted"


async def waiting(number: int) -> None:
    """Waits until so many transactions wait for a lock."""
    async with asyncio.timeout(10):
        while ((await fetch_one(pool(WORK), _WAITING)) or {"number": 0})["number"] < number:
            await asyncio.sleep(0.01)


async def claimed_list(worker: UUID) -> tuple[UUID, list[UUID]]:
    """A cancelled list whose messages are claimed, stored in the reverse order of their keys; its key and theirs."""
    set_unused_year()
    account = await make.account()
    key = await run_import(await make.location(account, steps=(0,)), *people(9, "order"))
    await sending.claim(pool(WORK), worker, clock.now(), max_messages=20_000, max_lanes=2_000, lease_seconds=60)
    rows = await fetch(pool(WORK), "select id from message where account_id = $1 order by id", account.id)
    for row in reversed(rows):
        await execute(pool(WORK), "update message set attempts = attempts where id = $1", row["id"])
    async with transaction(WORK) as tx:
        await import_control.cancel(tx, key, clock.now())
    return key, [row["id"] for row in rows]


async def in_a_transaction(work: Callable[[Db], Awaitable[object]]) -> None:
    async with transaction(WORK) as tx:
        await work(tx)


async def test_a_list_ends_while_a_worker_returns_its_claims() -> None:
    worker = uuid4()
    key, messages = await claimed_list(worker)
    outside = copy_context()  # the tasks must not join the transaction below
    async with asyncio.TaskGroup() as tasks, transaction(WORK) as tx:
        await fetch(tx, "select id from message where id = $1 for update", messages[len(messages) // 2])
        returning = in_a_transaction(lambda tx: sending.release(tx, worker))
        tasks.create_task(returning, context=outside.copy())
        await waiting(1)
        ending = in_a_transaction(lambda tx: import_control.change_some(tx, key, clock.now()))
        tasks.create_task(ending, context=outside.copy())
        await waiting(2)
    states = await fetch(pool(WORK), "select distinct state from message where id = any($1::uuid[])", messages)
    assert [row["state"] for row in states] == ["CANCELLED"]
