"""How long uploads and import rows are kept."""

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
from tests.bulk_import.imports import create_import, get_import, people, run_import, upload, verdicts

pytestmark = pytest.mark.usefixtures("db")
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


async def remaining(key: UUID) -> tuple[bool, int]:
    """Whether the upload exists, and its number of pieces."""
    text = (
        "select (select count(*) from upload where id = $1), (select count(*) from upload_piece where upload_id = $1)"
    )
    row = await fetch_one(pool(WORK), text, key)
    assert row is not None
    return row[0] == 1, row[1]


@pytest.fixture(autouse=True)
def fixed_clock() -> None:
    clock.set(clock.now())


async def prune_all(prune: Callable[[datetime], Awaitable[int]]) -> None:
    for _ in range(100):
        if await prune(clock.now()) == 0:
            return
    raise AssertionError("pruning does not end")


async def prune() -> None:
    await prune_all(storage.prune)


async def test_an_unused_upload_is_deleted_after_a_day() -> None:
    key = await upload(await make.account(), "a,b\n")
    clock.move(DAY)
    await prune()
    assert await remaining(key) == (True, 1)
    clock.move(SECOND)
    await prune()
    assert await remaining(key) == (False, 0)


async def test_an_incomplete_upload_is_deleted_after_a_day() -> None:
    """After a kill -9 it has no size, which is written last."""
    key = await upload(await make.account(), "a,b\n")
    await models.Upload.filter(id=key).update(size=None)
    clock.move(DAY + SECOND)
    await prune()
    assert await remaining(key) == (False, 0)


async def test_an_imported_file_is_deleted_after_90_days_and_the_import_is_kept() -> None:
    location = await make.location(await make.account())
    key = await run_import(location, *people(2, "kept"))
    upload_id = (await get_import(key)).upload_id
    clock.move(90 * DAY)
    await prune()
    assert await remaining(upload_id) == (True, 1)
    clock.move(SECOND)
    await prune()
    assert await remaining(upload_id) == (True, 0)
    assert (await get_import(key)).state is BulkImportState.COMPLETED
    assert (await models.Upload.get(id=upload_id)).size is None


async def test_imported_files_do_not_block_the_deletion_of_others() -> None:
    """With more imported files than a batch holds."""
    account = await make.account()
    for _ in range(storage._FILES_AT_ONCE + 1):
        await make.bulk_import(await make.location(account, steps=()))
    clock.move(SECOND)
    unused = await upload(account, "a,b\n")
    clock.move(DAY + SECOND)
    await prune()
    assert await remaining(unused) == (False, 0)


async def test_an_upload_that_is_about_to_be_imported_is_kept(db: str) -> None:
    account = await make.account()
    key = await upload(account, "a,b\n")
    clock.move(DAY + SECOND)
    async with transaction(WORK) as tx:
        await storage.keep(tx, key, clock.now())
        other = await asyncpg.connect(db, command_timeout=10)
        await other.fetch(storage._PRUNE, clock.now(), 1000)
        await other.close()
    assert await remaining(key) == (True, 1)


async def prune_rows() -> None:
    await prune_all(storage.prune_rows)


@pytest.mark.parametrize("quotation_mark", ["", '"'])
async def test_rows_are_deleted_30_days_after_the_import_ended(quotation_mark: str) -> None:
    """Also for a failed import, here in its second chunk."""
    location = await make.location(await make.account())
    key = await run_import(location, *people(1100, "rows"), f"{quotation_mark}Kim,K,kim@example.org,")
    clock.move(storage.ROWS_KEPT)
    await prune_rows()
    assert len(await verdicts(key)) == (1000 if quotation_mark else 1101)
    clock.move(SECOND)
    await prune_rows()
    assert await verdicts(key) == []


async def test_rows_of_an_unfinished_import_are_kept() -> None:
    key = await create_import(await make.location(await make.account()), *people(3, "open"))
    await runner.run_slice(key, chunks=1)
    clock.move(400 * DAY)
    await prune_rows()
    assert len(await verdicts(key)) == 3


async def test_upkeep_deletes_uploads_and_a_batch_of_rows() -> None:
    account = await make.account()
    upload_id, key = (
        await upload(account, "a,b\n"),
        await run_import(await make.location(account), *people(1500, "some")),
    )
    await models.Upload.filter(id=upload_id).update(keep_until=clock.now() - SECOND)
    await models.BulkImport.filter(id=key).update(finished_at=clock.now() - storage.ROWS_KEPT - SECOND)
    await worker.run_upkeep()
    assert await remaining(upload_id) == (False, 0)
    assert len(await verdicts(key)) == 500
