"""What is read ahead, and for which statement it counts."""

import asyncio

import asyncpg
import pytest

from models.connection import LISTS, SEARCH, pool
from models.reads.operation import Ahead, Reads

FIRST = "select one from generate_series(1, $1::int) as one order by one desc"


async def read(*ahead: Ahead, later: tuple[Ahead, ...] = ()) -> Reads:
    reads = Reads()
    rows = await reads.identity(FIRST, 3, rounds=[ahead, later])
    assert [row[0] for row in rows] == [3, 2, 1]
    return reads


def numbers(name: str, up_to: int) -> Ahead:
    """A statement that returns the numbers down from one, in this column."""
    return Ahead(f"select {name} from generate_series(1, $1::int) as {name} order by {name} desc", (up_to,))


async def rows_of(reads: Reads, statement: Ahead, name: str) -> list[int]:
    return [row[name] for row in await reads.rows(statement.sql, *statement.args)]


@pytest.mark.parametrize("up_to", [0, 1, 1000])
async def test_what_is_read_ahead_are_the_statements_rows_in_their_order(db: str, up_to: int) -> None:
    ahead = numbers("other", up_to)
    reads = await read(ahead)
    assert await rows_of(reads, ahead, "other") == [*range(up_to, 0, -1)]
    assert reads.statements == 1


async def test_several_statements_are_read_ahead_each_with_its_parameters(db: str) -> None:
    first, second = numbers("first", 2), numbers("second", 3)
    reads = await read(first, second)
    assert await rows_of(reads, second, "second") == [3, 2, 1]
    assert await rows_of(reads, first, "first") == [2, 1]
    assert reads.statements == 1


async def test_a_statement_with_other_parameters_is_read(db: str) -> None:
    reads = await read(numbers("other", 1))
    assert await rows_of(reads, numbers("other", 2), "other") == [2, 1]
    assert reads.statements == 2


async def test_a_later_round_is_read_with_the_next_statement(db: str) -> None:
    later = numbers("later", 2)
    reads = await read(numbers("other", 1), later=(later,))
    assert await rows_of(reads, numbers("next", 3), "next") == [3, 2, 1]
    assert await rows_of(reads, later, "later") == [2, 1]
    assert reads.statements == 2


async def test_what_was_to_be_read_later_is_read_once_if_it_comes_next(db: str) -> None:
    later = numbers("later", 2)
    reads = await read(numbers("other", 1), later=(later,))
    assert await rows_of(reads, later, "later") == [2, 1]
    assert reads.statements == 2


async def test_what_fails_when_it_is_read_ahead_fails_where_it_is_asked(db: str) -> None:
    failing = Ahead("select 1 / $1::int as other", (0,))
    reads = await read(failing)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await reads.rows(failing.sql, *failing.args)


async def test_columns_of_the_same_name_are_not_mixed_up(db: str) -> None:
    first, second = numbers("same", 2), Ahead("select 7::int as same", ())
    reads = await read(first, second)
    assert await rows_of(reads, first, "same") == [2, 1]
    assert await rows_of(reads, second, "same") == [7]
    assert (await read(first, second)).statements == 1  # it is known now


async def test_the_columns_of_rows_that_are_read_by_position_may_have_the_names_of_others(db: str) -> None:
    ahead, reads = numbers("one", 2), Reads()
    rows = await reads.identity(FIRST, 3, rounds=[[ahead]])
    assert [row[0] for row in rows] == [3, 2, 1]
    assert await rows_of(reads, ahead, "one") == [2, 1]
    assert reads.statements == 1


async def test_a_later_statement_whose_columns_have_the_same_names_is_read_alone(db: str) -> None:
    later = numbers("same", 2)
    reads = await read(numbers("other", 1), later=(later,))
    assert await rows_of(reads, numbers("same", 3), "same") == [3, 2, 1]
    assert await rows_of(reads, later, "same") == [2, 1]


async def test_what_takes_long_when_it_is_read_ahead_does_not_hold_up_the_statement_it_is_read_with(db: str) -> None:
    async with pool(LISTS).acquire_connection() as connection:
        await connection.fetchval("select pg_advisory_lock(7)")
        waiting = Ahead("select pg_advisory_xact_lock_shared($1::bigint)::text as other", (7,))
        reads = Reads()
        async with asyncio.timeout(4):  # the lock is given up after five
            rows = await reads.identity(FIRST, 3, rounds=[[waiting]])
        assert [row[0] for row in rows] == [3, 2, 1]
        await connection.fetchval("select pg_advisory_unlock(7)", timeout=5)
    assert [row["other"] for row in await reads.rows(waiting.sql, *waiting.args)] == [""]


async def test_a_statement_that_took_too_long_is_not_sent_again(db: str) -> None:
    reads = Reads()
    slow = "select pg_sleep($1::float)", 60.0
    errors = []
    for _ in range(2):
        with pytest.raises(asyncpg.QueryCanceledError) as caught:
            await reads.rows(*slow, pool=SEARCH)
        errors.append(caught.value)
    assert errors[0] is errors[1]
    assert reads.statements == 1


async def test_with_row_level_security_nothing_is_read_ahead(db: str) -> None:
    ahead = numbers("other", 1)
    reads = Reads(row_security=True)
    assert len(await reads.identity(FIRST, 3, rounds=[[ahead], [ahead]])) == 3
    assert reads.read_ahead(ahead.sql, ahead.args) is None
