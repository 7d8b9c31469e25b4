"""Operations of one member at once: so many run, some wait, and others do not wait for them."""

import asyncio

import pytest
from graphql import GraphQLError

from models.rules.ids import uuid7
from resolvers.turns import Turns

MEMBER, OTHER = uuid7(), uuid7()


async def hold(turns: Turns, until: asyncio.Event) -> None:
    async with turns.of(MEMBER):
        await until.wait()


async def test_so_many_run_and_the_next_waits_until_one_ends() -> None:
    turns, ends = Turns(at_once=2), asyncio.Event()
    holding = [asyncio.create_task(hold(turns, ends)) for _ in range(2)]
    waiting = asyncio.create_task(hold(turns, ends))
    async with turns.of(OTHER):  # of another member at once
        assert not waiting.done()
    ends.set()
    await asyncio.gather(*holding, waiting)


async def test_what_waits_too_long_is_refused() -> None:
    turns = Turns(at_once=1, most_seconds=0.01)
    async with turns.of(MEMBER):
        with pytest.raises(GraphQLError, match="wait for one to end") as refused:
            await hold(turns, asyncio.Event())
    assert refused.value.extensions == {"code": "RATE_LIMITED"}
    async with turns.of(MEMBER):
        pass


async def test_no_more_wait_than_may() -> None:
    turns, ends = Turns(at_once=1, most_waiting=1), asyncio.Event()
    tasks = [asyncio.create_task(hold(turns, ends)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(GraphQLError):
        await hold(turns, ends)
    ends.set()
    await asyncio.gather(*tasks)


async def test_a_turn_is_free_again_after_an_error_and_a_cancelled_wait() -> None:
    turns, ends = Turns(at_once=1), asyncio.Event()
    with pytest.raises(ValueError, match="mine"):
        async with turns.of(MEMBER):
            raise ValueError("mine")
    holding = asyncio.create_task(hold(turns, ends))
    given_up = asyncio.create_task(hold(turns, ends))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.wait([given_up])
    ends.set()
    await holding
    async with asyncio.timeout(1), turns.of(MEMBER):
        pass
