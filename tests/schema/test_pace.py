"""Long executions yield to others and can be stopped."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import ExecutionResult, build_schema, execute, parse

from schema.pace import FIELDS_PER_TURN, FIRST_FIELDS, MAX_ERRORS, Executor, Pace

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
    # Each turn is one callback, which the loop may run together with the ones it has woken.
    assert await turns_while(running) >= 5 * FIRST_FIELDS // FIELDS_PER_TURN // 2
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
    cancelled, next_one = pace.turn(FIELDS_PER_TURN), pace.turn(FIELDS_PER_TURN)
    cancelled.cancel()
    async with asyncio.timeout(1):
        await next_one
