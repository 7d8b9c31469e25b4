"""A worker killed with SIGKILL at every await of an import: another one ends it as if nothing had happened."""

import itertools
import json
import random
from collections.abc import Iterator

import asyncpg
import pytest

from models.rules.enums import ImportRowErrorCode
from tests.faults.importers import Importers, importers, mixed

AT_ONCE = 8
"""So many imports lose their workers before another worker finishes them."""
TWICE = 0.3
"""The share of imports whose second worker is killed too."""
SEEDS = [0, *[pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2, 3)]]
"""Seed 0 tries `SAMPLE`; the others, each with another list, every third callback: together all. Longer tests try
every ninth."""
SAMPLE = [170, 380, 560]
"""One while the file is read, and two while its rows are judged."""


def callbacks(seed: int, apart: int = 3) -> Iterator[list[int]]:
    """Numbers of callbacks at which workers are lost, some at a time, without end if they are not a sample."""
    if seed == 0:
        yield SAMPLE
        return
    for first in itertools.count(seed, apart * AT_ONCE):
        yield [first + apart * index for index in range(AT_ONCE)]


async def undisturbed(workers: Importers, records: list[str]) -> list[asyncpg.Record]:
    """What becomes of the rows if no worker is lost: every verdict but MALFORMED and those on phones."""
    (name,) = await workers.prepare(1, records)
    assert await workers.run("finish") == "ended"
    outcome = await workers.outcome(name)
    missing = {ImportRowErrorCode.MALFORMED, ImportRowErrorCode.INVALID_PHONE}
    assert {row["code"] for row in outcome} == {None, *ImportRowErrorCode} - missing
    await workers.check_ended(name, "COMPLETED", outcome)
    return outcome


async def lose(workers: Importers, names: list[str], places: list[int], chance: random.Random) -> int:
    """Kills a worker of each of these imports at its callback, and some second workers. Returns how many of the first workers were
    killed; the others had come to their end before."""
    kills = 0
    for name, callback in zip(names, places, strict=True):
        killed = await kill(workers, name, callback)
        kills += killed
        if killed and chance.random() < TWICE:
            await kill(workers, name, 1 + chance.randrange(callback))
    return kills


async def kill(workers: Importers, name: str, callback: int) -> bool:
    fate = await workers.run("work", await workers.key(name), callback)
    assert fate in ("killed", "ended")
    await workers.check(name)
    return fate == "killed"


async def control(workers: Importers, what: str, *names: str) -> None:
    assert await workers.run("control", what, *[await workers.key(name) for name in names]) == "ended"


async def finish(workers: Importers) -> None:
    assert await workers.run("finish") == "ended"


@pytest.mark.parametrize("seed", SEEDS)
async def test_an_import_ends_as_if_no_worker_had_been_lost(seed: int, worker_id: str) -> None:
    chance = random.Random(seed)
    records = mixed(chance)
    async with importers(f"plaudit_import_killed_{worker_id}") as workers:
        outcome = await undisturbed(workers, records)
        for places in callbacks(seed):
            names = await workers.prepare(len(places), records)
            kills = await lose(workers, names, places, chance)
            await finish(workers)
            for name in names:
                await workers.check_ended(name, "COMPLETED", outcome)
            assert kills or seed, "the sample is beyond the end of the import"
            if kills < len(places):
                break


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_checked_import_ends_as_if_no_worker_had_been_lost(seed: int, worker_id: str) -> None:
    """First a worker of the dry run is lost, then one of the import that it becomes."""
    chance = random.Random(seed)
    records = mixed(chance)
    async with importers(f"plaudit_import_checked_{worker_id}") as workers:
        outcome = await undisturbed(workers, records)
        for places in callbacks(seed, apart=9):
            names = await workers.prepare(len(places), records, dry_run=True)
            kills = await lose(workers, names, places, chance)
            await finish(workers)
            for name in names:
                await check_planned(workers, name, outcome)
            await control(workers, "start", *names)
            kills += await lose(workers, names, places, chance)
            await finish(workers)
            for name in names:
                await workers.check_ended(name, "COMPLETED", outcome)
            assert kills or seed, "the sample is beyond the end of the import"
            if kills < len(places):
                break


async def check_planned(workers: Importers, name: str, outcome: list[asyncpg.Record]) -> None:
    found = await workers.check(name)
    verdicts = [row["code"] for row in await workers.outcome(name)]
    assert (found["state"], verdicts) == ("VALIDATED", [row["code"] for row in outcome])
    assert sum(json.loads(found["planned"]).values()) == found["invited_rows"] == verdicts.count(None)


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_paused_import_is_resumed_or_cancelled_whatever_workers_it_loses(seed: int, worker_id: str) -> None:
    """First a worker of the import is lost, then one that retimes or ends what was invited."""
    chance = random.Random(seed)
    records = mixed(chance)
    async with importers(f"plaudit_import_paused_{worker_id}") as workers:
        outcome = await undisturbed(workers, records)
        for places in callbacks(seed, apart=9):
            names = await workers.prepare(len(places), records)
            kills = await lose(workers, names, places, chance)
            await check_paused(workers, names)
            then = {name: chance.choice(["resume", "cancel"]) for name in names}
            for what in ("resume", "cancel"):
                await control(workers, what, *[name for name in names if then[name] == what])
            kills += await lose(workers, names, places, chance)
            await finish(workers)
            for name, what in then.items():
                if what == "resume":
                    await workers.check_ended(name, "COMPLETED", outcome)
                else:
                    await check_cancelled(workers, name)
            assert kills or seed, "the sample is beyond the end of the import"
            if kills < len(places):
                break


async def check_paused(workers: Importers, names: list[str]) -> None:
    """Pauses the imports, and asserts that then nothing happens."""
    await control(workers, "pause", *names)
    before = [await workers.stored(name) for name in names]
    await finish(workers)
    assert [await workers.stored(name) for name in names] == before
    assert {row["state"] for row in before} == {"PAUSED"}


_LEFT = """
select count(*) from invitation i join bulk_import b on b.id = i.bulk_import_id
where b.name = $1 and (i.state <> 'CANCELLED' or exists (
  select 1 from message m where m.invitation_id = i.id and m.state <> 'CANCELLED'))
"""


async def check_cancelled(workers: Importers, name: str) -> None:
    found = await workers.check(name)
    assert (found["state"], found["changing_since"], found["reserved"]) == ("CANCELLED", None, 1)
    assert await workers.connection.fetchval(_LEFT, name) == 0
