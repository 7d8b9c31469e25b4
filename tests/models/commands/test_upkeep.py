"""Resets move reservations to the new cycle, hold the excess, and release it once there is allowance."""

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


async def reset_with(account: models.Account, invitations: int) -> None:
    """Resets an account whose cycle starts on the 5th, with this allowance."""
    await set_allowance(account, invitations)
    clock.move(timedelta(hours=20))
    await upkeep.roll_reservations(clock.now())


async def invite(location: models.Location, number: int) -> list[UUID]:
    return [await make.invited(location) for _ in range(number)]


async def test_a_reset_reserves_for_unsent_invitations_first_and_holds_the_excess() -> None:
    account = await make.account(anchor_day=5)
    first, second, third = await invite(await make.location(account, steps=(0,)), 3)
    await reset_with(account, 2)
    assert [await state_and_reason(one) for one in (first, second)] == [("QUEUED", None)] * 2
    assert await state_and_reason(third) == ("HELD", "ALLOWANCE")
    assert await message_states(third) == [MessageState.PAUSED]
    assert await make.usage(account) == make.Usage(invited=0, reserved=2)
    assert await make.usage(account, clock.now() - DAY) == make.Usage(invited=0, reserved=0)


async def reserved(location: models.Location, account: models.Account, time: datetime) -> tuple[int, int]:
    """What the account and the location have reserved in the cycle at this time."""
    cycle = cycle_at(time, account.time_zone, account.anchor_day).starts_on
    rows = await fetch(
        pool(WORK),
        "select reserved from location_usage where location_id = $1 and cycle_starts_on = $2",
        location.id,
        cycle,
    )
    return (await make.usage(account, time)).reserved, sum(row["reserved"] for row in rows)


@pytest.mark.parametrize(
    ("zone", "month"),
    [("Pacific/Kiritimati", 3), ("Pacific/Pago_Pago", 2)],
    ids=["after the shortest month, furthest ahead of UTC", "after a long month, furthest behind UTC"],
)
async def test_reservations_move_exactly_at_the_reset(zone: str, month: int) -> None:
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


async def test_invitations_held_for_allowance_are_released_once_there_is_some() -> None:
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


async def test_the_longest_held_are_released_first_within_the_allowance() -> None:
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


async def test_a_location_without_allowance_does_not_block_others(monkeypatch: pytest.MonkeyPatch) -> None:
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


async def test_an_invitation_due_after_the_next_reset_reserves_in_the_next_cycle() -> None:
    account = await make.account(anchor_day=5)
    hours = {"email_from_hour": 9, "email_until_hour": 12}
    (held,) = await invite(await make.location(account, steps=(0,), **hours), 1)
    await reset_with(account, 0)
    await set_allowance(account, 1)
    clock.move(30 * DAY + timedelta(hours=6))  # June 4, 13:00 in Berlin; the next morning is in the next cycle
    assert await upkeep.release_held(clock.now()) == 1
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)
    assert await make.usage(account, clock.now() + DAY) == make.Usage(invited=0, reserved=1)
    assert await due_times(held) == [clock.now() + timedelta(hours=20)]


async def test_reservations_of_stopped_invitations_do_not_move() -> None:
    account = await make.account(anchor_day=5)
    (stopped,) = await invite(await make.location(account, steps=(0,)), 1)
    await models.Invitation.filter(id=stopped).update(state="STOPPED")
    await reset_with(account, 1)
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)
    assert await make.usage(account, clock.now() - DAY) == make.Usage(invited=0, reserved=0)
