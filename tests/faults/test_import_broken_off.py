"""Imports that break off: by what is in the list, which fails them, or because workers are killed from outside, which does not."""

import random
from collections.abc import AsyncIterator

import pytest

from tests.faults.importers import Importers, importers, mixed
from tests.faults.test_import_killed import kill, undisturbed

_BREAK_OFF = """
create sequence {name}_attempts;
create function {name}() returns trigger language plpgsql as $$
begin
  if nextval('{name}_attempts') <= {times} then raise exception 'broken off'; end if;
  return new;
end $$;
create trigger {name} before insert on {table} for each row when (new.email = '{name}@example.org') execute function {name}();
"""
"""The first attempts to store this person fail; a sequence counts also what is rolled back."""
PLACES = pytest.mark.parametrize("table", ["import_row", "customer"], ids=["while reading", "while inviting"])


@pytest.fixture
async def workers(worker_id: str) -> AsyncIterator[Importers]:
    async with importers(f"plaudit_import_broken_{worker_id}") as running:
        yield running


async def break_off(workers: Importers, name: str, table: str, times: int) -> None:
    await workers.connection.execute(_BREAK_OFF.format(name=name, table=table, times=times))


async def work(workers: Importers, name: str) -> str:
    """Runs the jobs of an import, of which upkeep has made another one if the last one failed."""
    assert await workers.run("enqueue again") == "ended"
    return await workers.run("work", await workers.key(name), 0)


def two_chunks() -> list[str]:
    """Ann is in the first one, Ben in the second one."""
    people = [f"Person,{index},person-{index}@example.org," for index in range(70)]
    return ["Ann,A,ann@example.org,", *people, "Ben,B,ben@example.org,"]


@PLACES
async def test_an_import_that_its_list_breaks_off_three_times_at_one_place_fails(
    workers: Importers, table: str
) -> None:
    await break_off(workers, "ben", table, times=99)
    (name,) = await workers.prepare(1, two_chunks())
    for _ in range(3):
        assert (await workers.check(name))["state"] in ("QUEUED", "RUNNING")
        assert await work(workers, name) == "failed"
    found = await workers.check(name)
    assert (found["state"], found["failures"]) == ("FAILED", 3)
    assert "broke off several times" in found["error"]
    assert await work(workers, name) == "ended"
    assert await workers.stored(name) == found


@PLACES
async def test_an_import_that_breaks_off_twice_at_two_places_completes(workers: Importers, table: str) -> None:
    await break_off(workers, "ann", table, times=2)
    await break_off(workers, "ben", table, times=2)
    (name,) = await workers.prepare(1, two_chunks())
    assert [await work(workers, name) for _ in range(5)] == [*["failed"] * 4, "ended"]
    found = await workers.check_ended(name, "COMPLETED", await workers.outcome(name))
    assert (found["invited_rows"], found["failures"]) == (72, 0)


async def test_an_import_whose_workers_are_killed_five_times_while_they_read_completes(workers: Importers) -> None:
    records = mixed(random.Random(0))
    outcome = await undisturbed(workers, records)
    (name,) = await workers.prepare(1, records)
    callback, starts = 10, 0
    while starts < 5:
        assert await kill(workers, name, callback)
        found = await workers.check(name)
        callback += 0 if found["starts"] > starts else 10  # it was killed before it had claimed the import
        starts = found["starts"]
    assert (found["state"], found["parsed_rows"], found["starts"], found["failures"]) == ("RUNNING", 0, 5, 0)
    assert await workers.run("finish") == "ended"
    await workers.check_ended(name, "COMPLETED", outcome)
