"""Execution that never awaits: others get their turn, and it can be ended."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import ExecutionResult, build_schema, execute, parse

from schema.pace import AT_FIRST, MOST_ERRORS, THEN, Executor, Pace

SCHEMA = build_schema("type Query { rows: [Row] } type Row { a: Int b: Int c: Int d: Int inner: [Row] failing: Int }")
ROW = SimpleNamespace(a=1, b=2, c=3, d=4, failing=ValueError("no"))


def run(document: str, rows: int, inner: int = 0) -> Any:
    ROW.inner = [ROW] * inner
    return execute(SCHEMA, parse(document), SimpleNamespace(rows=[ROW] * rows), executor_class=Executor)


async def turns_while(task: asyncio.Future[Any]) -> int:
    """How often the event loop came round."""
    number = 0
    while not task.done():
        await asyncio.sleep(0)
        number += 1
    return number


async def test_a_short_operation_does_not_pause() -> None:
    result = run("{ rows { a b c d } }", AT_FIRST // 5)
    assert isinstance(result, ExecutionResult)


async def test_a_long_one_lets_others_have_their_turn_and_answers_the_same() -> None:
    rows = 6 * AT_FIRST // 4
    running = asyncio.ensure_future(run("{ rows { a b c d } }", rows))
    # Each turn is one callback, which the loop may take together with what it has woken.
    assert await turns_while(running) >= 5 * AT_FIRST // THEN // 2
    assert (await running).data == {"rows": [{"a": 1, "b": 2, "c": 3, "d": 4}] * rows}


async def test_objects_inside_others_pause_too() -> None:
    running = asyncio.ensure_future(run("{ rows { inner { a b c d } } }", 80, inner=80))
    assert await turns_while(running) > 5
    assert (await running).data["rows"][79]["inner"][79] == {"a": 1, "b": 2, "c": 3, "d": 4}


async def test_a_time_limit_ends_what_never_awaits() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await run("{ rows { inner { a b c d } } }", 2_000, inner=2_000)


async def test_an_operation_ends_once_too_many_fields_have_failed() -> None:
    result = run("{ rows { failing } }", MOST_ERRORS + 10)
    assert result.data is None
    assert len(result.errors) == MOST_ERRORS + 1
    assert result.errors[-1].extensions == {"code": "QUERY_TOO_COSTLY"}


async def test_a_turn_that_is_given_up_is_not_taken() -> None:
    pace = Pace()
    given_up, next_one = pace.turn(THEN), pace.turn(THEN)
    given_up.cancel()
    async with asyncio.timeout(1):
        await next_one
