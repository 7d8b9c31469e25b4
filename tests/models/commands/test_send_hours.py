"""Changing send hours moves queued messages into the new hours, and nothing else."""

from datetime import timedelta
from uuid import UUID

import pytest

import models
from models.clock import clock
from models.commands import send_hours
from models.commands.send_hours import Moved
from models.connection import WORK, transaction
from models.rules.enums import MessageState
from tests import factories as make
from tests.models.commands.deliveries import claim_and_stamp, deliver, due_times, restart, stop
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HALF_AN_HOUR = 1 / 48


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()  # 11:00 in Berlin


async def change(location: models.Location, **hours: object) -> Moved:
    await models.Location.filter(id=location.id).update(**hours)
    async with transaction(WORK) as tx:
        return await send_hours.move_queued(tx, await models.Location.get(id=location.id), clock.now())


async def invited(location: models.Location, *, after: timedelta) -> UUID:
    return await make.invited(location, send_at=clock.now() + after)


async def test_messages_outside_the_new_hours_move_to_the_next_opening() -> None:
    location = await make.location(await make.account(), steps=(0,))
    early, late = await invited(location, after=HOUR), await invited(location, after=6 * HOUR)
    now = clock.now()
    assert await change(location, email_from_hour=9, email_until_hour=17) == Moved(1, 2)
    assert await due_times(early) == [now + HOUR]
    assert await due_times(late) == [now + 22 * HOUR]  # closed at 17:00, so 9:00 on the next day


async def test_a_message_that_is_already_due_moves_to_the_next_opening() -> None:
    location = await make.location(await make.account(), steps=(0,))
    invitation = await invited(location, after=timedelta())
    clock.move(HOUR)
    assert await change(location, email_from_hour=15, email_until_hour=17) == Moved(1, 1)
    assert await due_times(invitation) == [clock.now() + 3 * HOUR]


async def test_wider_hours_move_nothing() -> None:
    location = await make.location(await make.account(), email_from_hour=12, email_until_hour=13)
    invitation = await invited(location, after=timedelta())
    before = await due_times(invitation)
    assert await change(location, email_from_hour=0, email_until_hour=24) == Moved(0, 4)
    assert await due_times(invitation) == before


async def test_later_steps_keep_their_interval_to_a_moved_one() -> None:
    location = await make.location(await make.account(), steps=(0, HALF_AN_HOUR, 3))
    invitation = await invited(location, after=6 * HOUR)
    first = clock.now() + 22 * HOUR
    await change(location, email_from_hour=9, email_until_hour=17)
    assert await due_times(invitation) == [first, first + HOUR / 2, first + 3 * DAY]


async def test_changing_the_time_zone_moves_the_window() -> None:
    location = await make.location(await make.account(), steps=(0,), email_from_hour=9, email_until_hour=17)
    invitation = await invited(location, after=timedelta())
    assert await change(location, time_zone="America/New_York") == Moved(1, 1)
    assert await due_times(invitation) == [clock.now() + 4 * HOUR]


async def test_the_hours_of_another_channel_or_location_move_nothing() -> None:
    account = await make.account()
    here, there = [await make.location(account, steps=(0,)) for _ in range(2)]
    invitation = await invited(here, after=6 * HOUR)
    assert await change(here, sms_from_hour=9, sms_until_hour=17) == Moved(0, 1)
    assert await change(there, email_from_hour=9, email_until_hour=17) == Moved(0, 0)
    assert await due_times(invitation) == [clock.now() + 6 * HOUR]


async def test_a_stopped_invitation_moves_into_the_new_hours_when_restarted() -> None:
    location = await make.location(await make.account(), steps=(0,))
    invitation = await invited(location, after=6 * HOUR)
    await stop(invitation)
    assert await change(location, email_from_hour=9, email_until_hour=17) == Moved(0, 0)
    await restart(invitation)
    assert await due_times(invitation) == [clock.now() + 22 * HOUR]


async def test_a_moved_message_is_sent_at_its_new_time() -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,))
    await invited(location, after=6 * HOUR)
    await change(location, email_from_hour=9, email_until_hour=17)
    clock.move(22 * HOUR - timedelta(minutes=1))
    assert await claim_and_stamp(account) == []
    clock.move(timedelta(minutes=1))
    assert await deliver(account, MessageState.SENT) == [1]
