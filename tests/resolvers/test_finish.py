"""When a list is expected to be sent, compared with when a real sender has sent it, and when there is no such time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

import models
from bulk_import import runner
from models.clock import clock
from models.commands import send_hours
from models.commands.invite_many import ClaimedImport, take_chunk
from models.connection import WORK, execute, fetch_one, pool, transaction
from models.rules import ids
from models.rules.enums import HoldReason, MessageState
from tests import factories as make
from tests.bulk_import.imports import create_import, people, run_import
from tests.delivery.scripted_smtp import ScriptedSmtp
from tests.delivery.senders import sender_to
from tests.gateway import Api
from tests.years import set_unused_year

ESTIMATE = """query ($id: ID!) { node(id: $id) { ... on BulkImport { progress { estimatedFinishAt } } } }"""
OFFICE = {"email_from_hour": 9, "email_until_hour": 18}
QUARTER = timedelta(minutes=15)


@pytest.fixture
async def relay() -> AsyncIterator[ScriptedSmtp]:
    async with ScriptedSmtp().running() as server:
        yield server


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def estimated(api: Api, key: UUID) -> datetime | None:
    account = await models.Account.get(id=(await models.BulkImport.get(id=key)).account_id)
    node = (await api.data(await make.member(account), ESTIMATE, id=ids.public_id(ids.BULK_IMPORT, key)))["node"]
    found = node["progress"]["estimatedFinishAt"]
    return datetime.fromisoformat(found) if found else None


async def process_up_to(key: UUID, row: int) -> None:
    """Judges the rows up to this one, as a worker that has claimed the import."""
    of = await models.BulkImport.get(id=key)
    async with transaction(WORK) as tx:
        await take_chunk(tx, ClaimedImport(key, of.account_id, of.location_id, of.fence), row, clock.now())
    clock.move(timedelta(seconds=2))


async def sent_so_far(key: UUID) -> int:
    return (await models.BulkImport.get(id=key)).sent_messages


async def send_until(key: UUID, relay: ScriptedSmtp, number: int) -> None:
    """Lets a sender deliver, with the clock moved on to what is due, until so many first messages of the import are sent."""
    delivering = sender_to(relay)
    while await sent_so_far(key) < number:
        due = await fetch_one(pool(WORK), "select min(next_due) as next from lane where bulk_import_id = $1", key)
        assert due is not None
        clock.set(max(clock.now() + QUARTER, due["next"] or clock.now()))
        while await delivering.round():
            pass


async def last_first_sent(key: UUID) -> datetime:
    row = await fetch_one(
        pool(WORK), "select max(first_sent_at) as last from invitation where bulk_import_id = $1", key
    )
    assert row is not None
    last: datetime = row["last"]
    return last


def assert_right(estimates: dict[datetime, datetime | None], actual: datetime) -> None:
    """Each estimate, by the time at which it was given, is right within a tenth of the time that remained."""
    wrong = {
        given_at: (estimate, actual)
        for given_at, estimate in estimates.items()
        if estimate is None or abs(estimate - actual) > (actual - given_at) / 10
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("zone", "steps", "speed"),
    [
        ("Europe/Berlin", (0,), {"per_hour": 20}),
        ("America/New_York", (0,), {"spread_over_days": 3}),
        ("Asia/Kathmandu", (0, 0.5, 2), {"per_hour": 25}),
    ],
)
async def test_estimates_are_right_within_a_tenth_of_what_remains(
    api: Api, relay: ScriptedSmtp, zone: str, steps: tuple[float, ...], speed: dict[str, Any]
) -> None:
    location = await make.location(await make.account(), time_zone=zone, steps=steps, **OFFICE)
    records = [*people(200, make.unique("list")), *[f"No,Address,invalid-{index}," for index in range(20)]]
    key = await create_import(location, *(records[index * 7 % 220] for index in range(220)), **speed)
    await runner.run_slice(key, chunks=1)
    estimates = {clock.now(): await estimated(api, key)}
    await process_up_to(key, 110)
    estimates[clock.now()] = await estimated(api, key)
    await runner.run(key)
    estimates[clock.now()] = await estimated(api, key)
    await send_until(key, relay, 100)
    estimates[clock.now()] = await estimated(api, key)
    await send_until(key, relay, 200)
    assert_right(estimates, await last_first_sent(key))
    assert await estimated(api, key) is None
    assert len(relay.accepted) >= 200


async def test_an_estimate_includes_the_hours_of_people_elsewhere(api: Api, relay: ScriptedSmtp) -> None:
    location = await make.location(await make.account(), steps=(0,), **OFFICE)
    far = [f"Far,{index},{make.unique('far')}@example.org,+8190123456{index:02}" for index in range(30)]
    near = people(30, make.unique("near"))
    key = await run_import(location, *(one for pair in zip(near, far, strict=True) for one in pair), per_hour=5)
    estimates = {clock.now(): await estimated(api, key)}
    await send_until(key, relay, 30)
    estimates[clock.now()] = await estimated(api, key)
    await send_until(key, relay, 60)
    assert_right(estimates, await last_first_sent(key))


async def test_without_a_send_speed_the_next_opening_counts(api: Api, relay: ScriptedSmtp) -> None:
    clock.move(timedelta(hours=12))
    location = await make.location(await make.account(), steps=(0, 3), **OFFICE)
    key = await run_import(location, *people(30, make.unique("night")))
    assert await estimated(api, key) == datetime(clock.now().year, 5, 5, 7, tzinfo=UTC)
    await send_until(key, relay, 30)
    assert await estimated(api, key) is None


async def test_a_slow_lane_delays_the_estimate(api: Api) -> None:
    location = await make.location(await make.account(), steps=(0,))
    key = await run_import(location, *people(60, make.unique("slow")))
    await execute(pool(WORK), "update lane set rate = 0.01, tokens = 0 where bulk_import_id = $1", key)
    assert await estimated(api, key) == clock.now() + timedelta(seconds=6000)


async def test_there_is_no_estimate_while_an_import_is_paused_or_held(api: Api) -> None:
    location = await make.location(await make.account(), steps=(0,), **OFFICE)
    key = await run_import(location, *people(9, make.unique("held")), per_hour=1)
    assert await estimated(api, key) is not None
    for change in ({"flag": HoldReason.BOUNCE_RATE}, {"flag": None}):
        await models.Lane.filter(bulk_import_id=key).update(**change)
        assert (await estimated(api, key) is None) is (change["flag"] is not None)
    await models.BulkImport.filter(id=key).update(state="PAUSED")
    assert await estimated(api, key) is None


async def test_there_is_no_estimate_once_only_stopped_invitations_are_unsent(api: Api, relay: ScriptedSmtp) -> None:
    location = await make.location(await make.account(), steps=(0, 7))
    key = await run_import(location, *people(4, make.unique("stop")), per_hour=1)
    last = await models.Message.filter(lane_id__in=await lanes_of(key), step=1).order_by("-due_at").first()
    assert last is not None
    await models.Message.filter(invitation_id=last.invitation_id).update(state=MessageState.CANCELLED)
    await send_until(key, relay, 3)
    for hours in (0, 24):
        clock.move(timedelta(hours=hours))
        assert await estimated(api, key) is None


async def lanes_of(key: UUID) -> list[Any]:
    return await models.Lane.filter(bulk_import_id=key).values_list("id", flat=True)


async def test_a_resumed_list_ends_as_much_later_as_it_was_paused(api: Api, relay: ScriptedSmtp) -> None:
    account = await make.account()
    owner = await make.member(account)
    key = await run_import(await make.location(account, steps=(0,)), *people(9, make.unique("resumed")), per_hour=1)
    before, public = await estimated(api, key), ids.public_id(ids.BULK_IMPORT, key)
    assert before == clock.now() + timedelta(hours=8)
    for change in ("pause", "resume"):
        document = (
            f"mutation ($id: ID!) {{ {change}BulkImport(input: {{bulkImportId: $id}}) {{ userErrors {{ code }} }} }}"
        )
        await api.data(owner, document, id=public)
        clock.move(timedelta(hours=5) if change == "pause" else timedelta())
    assert await estimated(api, key) == before + timedelta(hours=5)


async def test_a_dry_run_ends_when_its_rows_are_processed(api: Api) -> None:
    location = await make.location(await make.account(), steps=(0,), **OFFICE)
    key = await create_import(location, *people(200, make.unique("dry")), per_hour=1, dry_run=True)
    await runner.run_slice(key, chunks=1)
    clock.move(timedelta(seconds=8))
    await process_up_to(key, 100)
    assert await estimated(api, key) == clock.now() + timedelta(seconds=10)
    await runner.run(key)
    assert await estimated(api, key) is None


async def test_a_change_of_the_hours_moves_the_estimate(api: Api) -> None:
    location = await make.location(await make.account(), steps=(0, 1))
    key = await run_import(location, *people(9, make.unique("hours")), per_hour=1)
    assert await estimated(api, key) == clock.now() + timedelta(hours=8)
    location.email_from_hour, location.email_until_hour = 9, 18
    async with transaction(WORK) as tx:
        await location.save(using_db=tx)
        await send_hours.move_queued(tx, location, clock.now())
    assert await estimated(api, key) == datetime(clock.now().year, 5, 5, 7, tzinfo=UTC)
