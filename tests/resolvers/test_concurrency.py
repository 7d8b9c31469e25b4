"""A member's concurrent operations are limited, independently of other members'."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from graphql import GraphQLError

from models.rules.ids import uuid7
from resolvers.concurrency import OperationLimiter

MEMBER, OTHER = uuid7(), uuid7()


@asynccontextmanager
async def slot(limiter: OperationLimiter, member: UUID) -> AsyncIterator[None]:
    await limiter.take(member)
    try:
        yield
    finally:
        limiter.give_back(member)


async def hold(limiter: OperationLimiter, until: asyncio.Event) -> None:
    async with slot(limiter, MEMBER):
        await until.wait()


async def test_operation_over_the_limit_waits_until_another_ends() -> None:
    limiter, ends = OperationLimiter(max_running=2), asyncio.Event()
    holding = [asyncio.create_task(hold(limiter, ends)) for _ in range(2)]
    waiting = asyncio.create_task(hold(limiter, ends))
    async with slot(limiter, OTHER):
        assert not waiting.done()
    ends.set()
    await asyncio.gather(*holding, waiting)


async def test_operation_that_waits_too_long_is_refused() -> None:
    limiter = OperationLimiter(max_running=1, max_wait_seconds=0.01)
    async with slot(limiter, MEMBER):
        with pytest.raises(GraphQLError, match="Wait for one to finish") as refused:
            await hold(limiter, asyncio.Event())
    assert refused.value.extensions == {"code": "RATE_LIMITED"}
    async with slot(limiter, MEMBER):
        pass


async def test_number_of_waiting_operations_is_limited() -> None:
    limiter, ends = OperationLimiter(max_running=1, max_waiting=1), asyncio.Event()
    tasks = [asyncio.create_task(hold(limiter, ends)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(GraphQLError):
        await hold(limiter, ends)
    ends.set()
    await asyncio.gather(*tasks)


async def test_slot_is_released_after_an_error_and_a_cancelled_wait() -> None:
    limiter, ends = OperationLimiter(max_running=1), asyncio.Event()
    with pytest.raises(ValueError, match="mine"):
        async with slot(limiter, MEMBER):
            raise ValueError("mine")
    holding = asyncio.create_task(hold(limiter, ends))
    cancelled = asyncio.create_task(hold(limiter, ends))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    ends.set()
    await holding
    async with asyncio.timeout(1), slot(limiter, MEMBER):
        pass
