"""Long executions yield to others and can be stopped."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from graphql import ExecutionResult, build_schema, execute, parse

from schema.pace import FIELDS_PER_TURN, FIRST_FIELDS, MAX_ERRORS, Executor, Pace, Scheduler

SCHEMA = build_schema("type Query { rows: [Row] } type Row { a: Int b: Int c: Int d: Int inner: [Row] failing: Int }")
ROW = SimpleNamespace(a=1, b=2, c=3, d=4, failing=ValueError("no"))


def run(document: str, rows: int, inner: int = 0) -> Any:
    ROW.inner = [ROW] * inner
    return execute(SCHEMA, parse(document), SimpleNamespace(rows=[ROW] * rows), executor_class=Executor)


async def turns_while(task: asyncio.Future[Any]) -> int:
    """The number of turns of the event loop until the task is done."""
    number = 0
    while not task.done():
        await asyncio.sleep(0)
        number += 1
    return number


async def test_short_operation_does_not_pause() -> None:
    result = run("{ rows { a b c d } }", FIRST_FIELDS // 5)
    assert isinstance(result, ExecutionResult)


async def test_long_operation_yields_and_returns_the_same_data() -> None:
    rows = 6 * FIRST_FIELDS // 4
    running = asyncio.ensure_future(run("{ rows { a b c d } }", rows))
    assert await turns_while(running) >= 5 * FIRST_FIELDS // FIELDS_PER_TURN
    assert (await running).data == {"rows": [{"a": 1, "b": 2, "c": 3, "d": 4}] * rows}


async def test_nested_objects_yield_too() -> None:
    running = asyncio.ensure_future(run("{ rows { inner { a b c d } } }", 80, inner=80))
    assert await turns_while(running) > 5
    assert (await running).data["rows"][79]["inner"][79] == {"a": 1, "b": 2, "c": 3, "d": 4}


async def test_time_limit_stops_an_operation_that_never_awaits() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await run("{ rows { inner { a b c d } } }", 2_000, inner=2_000)


async def test_operation_stops_after_too_many_failed_fields() -> None:
    result = run("{ rows { failing } }", MAX_ERRORS + 10)
    assert result.data is None
    assert len(result.errors) == MAX_ERRORS + 1
    assert result.errors[-1].extensions == {"code": "QUERY_TOO_COSTLY"}


async def test_cancelled_turn_goes_to_the_next_waiter() -> None:
    pace = Pace()
    assert pace.allows(FIRST_FIELDS)
    cancelled, next_one = pace.turn(FIELDS_PER_TURN), pace.turn(FIELDS_PER_TURN)
    cancelled.cancel()
    async with asyncio.timeout(1):
        await next_one


async def test_long_operations_take_turns() -> None:
    long, shorter = (
        asyncio.ensure_future(run("{ rows { a b c d } }", n)) for n in (2 * FIRST_FIELDS, FIRST_FIELDS // 2)
    )
    await shorter
    assert not long.done()
    await long


class Loop:
    """An event loop whose clock and callbacks the test advances."""

    def __init__(self) -> None:
        self.now = 100.0
        self.calls: list[tuple[float, Callable[[], object]]] = []

    def time(self) -> float:
        return self.now

    def call_soon(self, call: Callable[[], object]) -> None:
        self.calls.append((self.now, call))

    def call_later(self, delay: float, call: Callable[[], object]) -> None:
        self.calls.append((self.now + delay, call))

    def advance(self) -> float:
        """Runs the next callback at its time; returns that time."""
        self.now, call = self.calls.pop(0)
        call()
        return self.now


@pytest.mark.parametrize(("arrived", "times"), [(True, [100.0, 100.02, 100.04]), (False, [100.0, 100.01, 100.02])])
def test_turns_are_followed_by_equal_rests_after_a_request_arrived(arrived: bool, times: list[float]) -> None:
    loop, starts = Loop(), list[float]()
    scheduler = Scheduler(cast(Any, loop))

    def take_turn() -> bool:
        starts.append(round(loop.now, 3))
        loop.now += 0.01
        return len(starts) < 3

    if arrived:
        scheduler.request_arrived()
    scheduler.add(take_turn)
    while loop.calls:
        loop.advance()
    assert starts == times
