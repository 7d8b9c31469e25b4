"""How long files stay, and the rows that were read from them."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

import models
from bulk_import import runner, storage
from models.clock import clock
from models.connection import WORK, fetch_one, pool, transaction
from models.rules.enums import BulkImportState
from plaudit import worker
from tests import factories as make
from tests.bulk_import.lists import begun, people, stored, taken_in, uploaded, verdicts

pytestmark = pytest.mark.usefixtures("db")
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


async def left(key: UUID) -> tuple[bool, int]:
    """Whether the upload is there, and how many pieces of it."""
    text = (
        "select (select count(*) from upload where id = $1), (select count(*) from upload_piece where upload_id = $1)"
    )
    row = await fetch_one(pool(WORK), text, key)
    assert row is not None
    return row[0] == 1, row[1]


@pytest.fixture(autouse=True)
def standing() -> None:
    clock.set(clock.now())


async def until_none(prune: Callable[[datetime], Awaitable[int]]) -> None:
    for _ in range(100):
        if await prune(clock.now()) == 0:
            return
    raise AssertionError("there is no end of it")


async def prune() -> None:
    await until_none(storage.prune)


async def test_a_file_that_nobody_imports_goes_after_a_day() -> None:
    key = await uploaded(await make.account(), "a,b\n")
    clock.move(DAY)
    await prune()
    assert await left(key) == (True, 1)
    clock.move(SECOND)
    await prune()
    assert await left(key) == (False, 0)


async def test_an_upload_that_was_cut_off_goes_after_a_day() -> None:
    """As a kill -9 leaves it: without its size, which comes last."""
    key = await uploaded(await make.account(), "a,b\n")
    await models.Upload.filter(id=key).update(size=None)
    clock.move(DAY + SECOND)
    await prune()
    assert await left(key) == (False, 0)


async def test_the_bytes_of_an_imported_file_go_after_90_days_and_the_import_stays() -> None:
    location = await make.location(await make.account())
    key = await taken_in(location, *people(2, "kept"))
    upload = (await stored(key)).upload_id
    clock.move(90 * DAY)
    await prune()
    assert await left(upload) == (True, 1)
    clock.move(SECOND)
    await prune()
    assert await left(upload) == (True, 0)
    assert (await stored(key)).state is BulkImportState.COMPLETED
    assert (await models.Upload.get(id=upload)).size is None


async def test_files_that_imports_name_stand_in_the_way_of_no_other() -> None:
    """There are more of them than one turn looks at."""
    account = await make.account()
    for _ in range(storage._FILES_AT_ONCE + 1):
        await make.bulk_import(await make.location(account, steps=()))
    clock.move(SECOND)
    later = await uploaded(account, "a,b\n")
    clock.move(DAY + SECOND)
    await prune()
    assert await left(later) == (False, 0)


async def test_a_file_that_is_about_to_be_imported_is_left_alone(db: str) -> None:
    account = await make.account()
    key = await uploaded(account, "a,b\n")
    clock.move(DAY + SECOND)
    async with transaction(WORK) as tx:
        await storage.keep(tx, key, clock.now())
        other = await asyncpg.connect(db, command_timeout=10)
        await other.fetch(storage._PRUNE, clock.now(), 1000)
        await other.close()
    assert await left(key) == (True, 1)


async def prune_rows() -> None:
    await until_none(storage.prune_rows)


@pytest.mark.parametrize("wrong", ["", '"'])
async def test_what_was_read_of_a_file_goes_30_days_after_the_end_of_the_import(wrong: str) -> None:
    """Of one that failed as well: here in its second chunk."""
    location = await make.location(await make.account())
    key = await taken_in(location, *people(1100, "rows"), f"{wrong}Kim,K,kim@example.org,")
    clock.move(storage.ROWS_KEPT)
    await prune_rows()
    assert len(await verdicts(key)) == (1000 if wrong else 1101)
    clock.move(SECOND)
    await prune_rows()
    assert await verdicts(key) == []


async def test_what_was_read_for_an_import_that_has_not_ended_stays() -> None:
    key = await begun(await make.location(await make.account()), *people(3, "open"))
    await runner.run_slice(key, chunks=1)
    clock.move(400 * DAY)
    await prune_rows()
    assert len(await verdicts(key)) == 3


async def test_upkeep_sees_to_both_some_rows_at_a_time() -> None:
    account = await make.account()
    file, key = await uploaded(account, "a,b\n"), await taken_in(await make.location(account), *people(1500, "some"))
    await models.Upload.filter(id=file).update(keep_until=clock.now() - SECOND)
    await models.BulkImport.filter(id=key).update(finished_at=clock.now() - storage.ROWS_KEPT - SECOND)
    await worker.run_upkeep()
    assert await left(file) == (False, 0)
    assert len(await verdicts(key)) == 500
