"""What is read ahead, and for which statement it counts."""

import pytest

from models.reads.operation import Ahead, Reads

FIRST = "select $1::int as one"


async def read(ahead: Ahead) -> Reads:
    reads = Reads()
    (row,) = await reads.identity(FIRST, 1, ahead=ahead)
    assert row["one"] == 1
    return reads


@pytest.mark.parametrize("found", [True, False])
async def test_what_is_read_ahead_is_the_statements_row_or_none(db: str, found: bool) -> None:
    ahead = Ahead("select $1::text as other where $2", ("found", found))
    reads = await read(ahead)
    rows = await reads.rows(ahead.sql, *ahead.args)
    assert [row["other"] for row in rows] == (["found"] if found else [])
    assert reads.statements == 1


async def test_a_statement_with_other_parameters_is_read(db: str) -> None:
    reads = await read(Ahead("select $1::text as other", ("ahead",)))
    (row,) = await reads.rows("select $1::text as other", "now")
    assert (row["other"], reads.statements) == ("now", 2)


async def test_with_row_level_security_nothing_is_read_ahead(db: str) -> None:
    ahead = Ahead("select 1 as other", ())
    reads = Reads(row_security=True)
    assert len(await reads.identity(FIRST, 1, ahead=ahead)) == 1
    assert reads.read_ahead(ahead) is None
