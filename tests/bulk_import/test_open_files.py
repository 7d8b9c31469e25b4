"""Files that stay open between the slices of their imports."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from bulk_import import open_files, runner
from bulk_import.open_files import How, Rows, rows_from
from models.rules.enums import Channel, ImportField
from tests import factories as make
from tests.bulk_import.imports import create_import, people, upload, verdicts

pytestmark = pytest.mark.usefixtures("db")
HOW = How((("Mail", ImportField.EMAIL),), "DE", frozenset({Channel.EMAIL}))


@pytest.fixture(autouse=True)
def none_open() -> Iterator[None]:
    open_files._open.clear()
    yield
    open_files._open.clear()


async def file(number: int = 6) -> UUID:
    return await upload(await make.account(), "\n".join(["Mail", *(f"{n}@example.org" for n in range(number))]) + "\n")


async def read(key: UUID, position: int, most: int = 2, how: How = HOW) -> tuple[Rows, list[int]]:
    """Reads some rows as a slice does; the file, and the numbers of the rows."""
    rows = await rows_from(key, key, how, position)
    taken = [row.number for row in rows.take(position, most)]
    open_files.keep(key, rows)
    return rows, taken


async def test_a_file_goes_on_where_it_was_left() -> None:
    key = await file()
    rows, first = await read(key, 0)
    again, following = await read(key, 2)
    assert (first, following) == ([1, 2], [3, 4])
    assert again is rows


async def test_rows_that_another_worker_has_read_are_passed_over() -> None:
    key = await file()
    await read(key, 0)
    assert (await read(key, 4))[1] == [5, 6]


async def test_rows_that_were_read_and_not_stored_are_read_again() -> None:
    key = await file()
    await read(key, 0, most=4)
    assert (await read(key, 2))[1] == [3, 4]


async def test_a_file_is_opened_anew_for_other_channels() -> None:
    key = await file()
    rows, _ = await read(key, 0)
    assert (await read(key, 2, how=replace(HOW, channels=frozenset({Channel.SMS}))))[0] is not rows


async def test_a_file_that_is_being_read_is_not_given_to_another_slice() -> None:
    key = await file()
    await read(key, 0)
    rows = await rows_from(key, key, HOW, 2)
    assert await rows_from(key, key, HOW, 2) is not rows


async def test_no_more_than_a_few_files_are_kept_open() -> None:
    keys = [await file() for _ in range(open_files.MOST_OPEN + 1)]
    rows = [(await read(key, 0))[0] for key in keys]
    assert (await read(keys[0], 2))[0] is rows[0]
    assert (await read(keys[-1], 2))[0] is not rows[-1]


async def test_a_file_that_is_not_used_gives_its_place_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [await file() for _ in range(open_files.MOST_OPEN + 1)]
    for key in keys[:-1]:
        await read(key, 0)
    monkeypatch.setattr(open_files, "IDLE_SECONDS", -1.0)
    await read(keys[-1], 0)
    assert list(open_files._open) == keys[-1:]


async def test_an_import_that_has_read_its_file_closes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CHUNK", 2)
    location = await make.location(await make.account())
    key = await create_import(location, *people(5, "open"))
    assert await runner.run_slice(key, chunks=1)
    assert list(open_files._open) == [key]
    await runner.run(key)
    assert not open_files._open
    assert await verdicts(key) == [None] * 5
