"""A location whose messages bounce too often is held until a person releases it."""

from datetime import timedelta

import pytest

import models
from models.clock import clock
from models.commands import breakers, lanes
from models.commands.breakers import Trouble
from models.commands.moves import locked
from models.commands.release import release_location
from models.connection import WORK, fetch, pool, transaction
from models.rules.enums import Channel, HoldReason, MessageState
from tests import factories as make
from tests.models.commands.deliveries import claim_and_stamp, deliver
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def held_by(location: models.Location) -> list[str | None]:
    rows = await fetch(pool(WORK), "select held_by from lane where location_id = $1 order by id", location.id)
    return [row["held_by"] for row in rows]


async def bouncing(number: int, sent: int = 0) -> tuple[models.Account, models.Location]:
    """A location of which so many messages were sent, and so many bounced."""
    account = await make.account()
    location = await make.location(account, steps=(0,))
    for state, count in ((MessageState.SENT, sent), (MessageState.FAILED, number)):
        for _ in range(count):
            await make.invited(location)
        await deliver(account, state)
    return account, location


async def release(account: models.Account, location: models.Location) -> None:
    async with transaction(WORK) as tx:
        await release_location(tx, account.id, location.id, make.MEMBER, clock.now())


async def test_a_location_with_few_bounces_goes_on() -> None:
    _, location = await bouncing(9)
    assert await held_by(location) == [None]


async def test_a_location_with_many_bounces_is_held_and_sends_nothing() -> None:
    account, location = await bouncing(10)
    assert await held_by(location) == [HoldReason.BOUNCE_RATE]
    await make.invited(location)
    assert await claim_and_stamp(account) == []


async def test_many_bounces_among_many_more_sent_do_not_hold() -> None:
    _, location = await bouncing(10, sent=90)
    assert await held_by(location) == [None]


async def test_other_locations_are_not_held() -> None:
    account, _ = await bouncing(10)
    other = await make.location(account, steps=(0,))
    await make.invited(other)
    assert len(await claim_and_stamp(account)) == 1


async def test_a_lane_that_is_made_later_is_held_too() -> None:
    _, location = await bouncing(10)
    bulk_import = await make.bulk_import(location)
    async with transaction(WORK) as tx:
        await lanes.lane_for(tx, location.id, Channel.EMAIL, clock.now(), bulk_import)
    assert await held_by(location) == [HoldReason.BOUNCE_RATE] * 2


async def test_a_released_location_sends_again_and_its_old_bounces_count_no_more() -> None:
    account, location = await bouncing(10)
    await make.invited(location)
    clock.move(timedelta(days=1))
    await release(account, location)
    assert await held_by(location) == [None]
    assert await deliver(account, MessageState.FAILED) == [1]
    assert await held_by(location) == [None]


async def test_bounces_of_last_month_count_no_more() -> None:
    account, location = await bouncing(9)
    clock.move(timedelta(days=31))
    await make.invited(location)
    await deliver(account, MessageState.FAILED)
    assert await held_by(location) == [None]


async def test_complaints_hold_a_location() -> None:
    account, location = await bouncing(0, sent=1)
    invitation = await models.Invitation.get(account_id=account.id)
    async with transaction(WORK) as tx:
        terms = (await locked(tx, [invitation.id]))[invitation.id].terms
        await breakers.count(tx, [Trouble(terms, location.id, clock.now(), complained=3)])
    assert await held_by(location) == [HoldReason.COMPLAINT_RATE]
