"""What time does to the allowance: a reset moves reservations on, holds the excess, and releases it when there is room."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

import models
from models.clock import clock
from models.commands import upkeep
from models.connection import WORK, fetch, pool
from models.rules.cycle import cycle_at
from models.rules.enums import MessageState
from tests import factories as make
from tests.models.commands.deliveries import deliver, due_times, events, message_states, set_allowance, state_and_reason
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def reset_with(of: models.Account, invitations: int) -> None:
    """The account, whose cycle begins on the 5th, has only so many in the new one."""
    await set_allowance(of, invitations)
    clock.move(timedelta(hours=20))
    await upkeep.roll_reservations(clock.now())


async def invite(location: models.Location, number: int) -> list[UUID]:
    return [await make.invited(location) for _ in range(number)]


async def test_at_a_reset_what_is_unsent_comes_first_and_the_excess_is_held() -> None:
    account = await make.account(anchor_day=5)
    first, second, third = await invite(await make.location(account, steps=(0,)), 3)
    await reset_with(account, 2)
    assert [await state_and_reason(one) for one in (first, second)] == [("QUEUED", None)] * 2
    assert await state_and_reason(third) == ("HELD", "ALLOWANCE")
    assert await message_states(third) == [MessageState.PAUSED]
    assert await make.usage(account) == make.Usage(invited=0, reserved=2)
    assert await make.usage(account, clock.now() - DAY) == make.Usage(invited=0, reserved=0)


async def reserved(at: models.Location, of: models.Account, moment: datetime) -> tuple[int, int]:
    """By the account and by the location, in the cycle of a moment."""
    cycle = cycle_at(moment, of.time_zone, of.anchor_day).starts_on
    rows = await fetch(
        pool(WORK), "select reserved from location_usage where location_id = $1 and cycle_starts_on = $2", at.id, cycle
    )
    return (await make.usage(of, moment)).reserved, sum(row["reserved"] for row in rows)


@pytest.mark.parametrize(
    ("zone", "month"),
    [("Pacific/Kiritimati", 3), ("Pacific/Pago_Pago", 2)],
    ids=["after the shortest month in the zone furthest ahead", "after a long month in the zone furthest behind"],
)
async def test_reservations_move_on_at_the_reset_to_the_instant(zone: str, month: int) -> None:
    reset = datetime(2099, month, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    before = reset - timedelta(microseconds=1)
    clock.set(reset - 20 * DAY)
    account = await make.account(time_zone=zone)
    location = await make.location(account, steps=(0,), allowance=1)
    await invite(location, 1)
    clock.set(before)
    await upkeep.roll_reservations(clock.now())
    assert (await reserved(location, account, before), await reserved(location, account, reset)) == ((1, 1), (0, 0))
    clock.set(reset)
    await upkeep.roll_reservations(clock.now())
    assert (await reserved(location, account, before), await reserved(location, account, reset)) == ((0, 0), (1, 1))


async def test_what_is_held_for_want_of_allowance_goes_on_when_there_is_some() -> None:
    account = await make.account(anchor_day=5)
    (held,) = await invite(await make.location(account, steps=(0, 3)), 1)
    await reset_with(account, 0)
    await upkeep.release_held(clock.now())
    assert await state_and_reason(held) == ("HELD", "ALLOWANCE")
    assert await deliver(account, MessageState.SENT) == []
    clock.move(DAY)
    await set_allowance(account, 1)
    await upkeep.release_held(clock.now())
    assert await state_and_reason(held) == ("QUEUED", None)
    assert await due_times(held) == [clock.now(), clock.now() + 3 * DAY]
    assert [kind for kind, _ in await events(held)] == ["INVITED", "HELD", "RELEASED"]
    assert await make.usage(account) == make.Usage(invited=0, reserved=1)
    assert await deliver(account, MessageState.SENT) == [1]


async def test_the_longest_held_goes_on_first_and_no_more_than_there_is_room_for() -> None:
    account = await make.account(anchor_day=5)
    held = await invite(await make.location(account, steps=(0,)), 5)
    await reset_with(account, 0)
    for row in await models.Invitation.filter(id__in=held):
        waited = held.index(row.id) * timedelta(minutes=1)
        await models.Invitation.filter(id=row.id).update(state_changed_at=row.state_changed_at - waited)
    await set_allowance(account, 2)
    assert await upkeep.release_held(clock.now()) == 2
    assert await upkeep.release_held(clock.now()) == 0
    assert [(await state_and_reason(one))[0] for one in held] == ["HELD", "HELD", "HELD", "QUEUED", "QUEUED"]


async def test_a_location_without_room_keeps_no_other_one_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 3)
    account = await make.account(anchor_day=5)
    full, free = await make.location(account, steps=(0,)), await make.location(account, steps=(0,))
    waiting = await invite(full, 5)
    await models.Location.filter(id=full.id).update(allowance=0)
    (other,) = await invite(free, 1)
    await reset_with(account, 0)
    await set_allowance(account, 100)
    assert await upkeep.release_held(clock.now()) == 1
    assert await state_and_reason(other) == ("QUEUED", None)
    assert {(await state_and_reason(one))[0] for one in waiting} == {"HELD"}


async def test_what_would_go_after_the_next_reset_takes_its_place_there() -> None:
    account = await make.account(anchor_day=5)
    hours = {"email_from_hour": 9, "email_until_hour": 12}
    (held,) = await invite(await make.location(account, steps=(0,), **hours), 1)
    await reset_with(account, 0)
    await set_allowance(account, 1)
    clock.move(30 * DAY + timedelta(hours=6))  # 4 June, 13:00 in Berlin: its next morning is in the next cycle
    assert await upkeep.release_held(clock.now()) == 1
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)
    assert await make.usage(account, clock.now() + DAY) == make.Usage(invited=0, reserved=1)
    assert await due_times(held) == [clock.now() + timedelta(hours=20)]


async def test_a_reservation_of_one_that_is_stopped_is_not_moved_on() -> None:
    account = await make.account(anchor_day=5)
    (stopped,) = await invite(await make.location(account, steps=(0,)), 1)
    await models.Invitation.filter(id=stopped).update(state="STOPPED")
    await reset_with(account, 1)
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)
    assert await make.usage(account, clock.now() - DAY) == make.Usage(invited=0, reserved=0)
