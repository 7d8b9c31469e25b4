"""What may be taken: the plan's, with boosts, and a location's own."""

from datetime import timedelta

import pytest

import models
from models.clock import clock
from models.connection import WORK, transaction
from models.rules.cycle import cycle_at
from models.rules.errors import AllowanceExceeded
from tests import factories as make
from tests.seasons import a_morning_in_may

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def season() -> None:
    a_morning_in_may()


async def boost(of: models.Account, invitations: int) -> None:
    """For the present cycle."""
    cycle = cycle_at(clock.now(), of.time_zone, of.anchor_day)
    async with transaction(WORK) as tx:
        await models.Boost.create(
            using_db=tx, account_id=of.id, key="boost", cycle_starts_on=cycle.starts_on, invitations=invitations
        )


async def test_a_boost_adds_to_the_allowance() -> None:
    account = await make.account(overrides={"invitations": 1})
    location = await make.location(account)
    await boost(account, 1)
    await make.invited(location)
    await make.invited(location)
    with pytest.raises(AllowanceExceeded):
        await make.invited(location)


async def test_a_boost_lapses_at_the_reset() -> None:
    account = await make.account(overrides={"invitations": 0}, anchor_day=5)
    location = await make.location(account)
    await boost(account, 1)
    clock.move(timedelta(days=1))
    with pytest.raises(AllowanceExceeded):
        await make.invited(location)


async def test_a_locations_own_allowance_binds_it_and_no_other() -> None:
    account = await make.account()
    small, other = await make.location(account, allowance=1), await make.location(account)
    await make.invited(small)
    with pytest.raises(AllowanceExceeded):
        await make.invited(small)
    await make.invited(other)


async def test_a_locations_own_allowance_grants_no_more_than_the_account_has() -> None:
    account = await make.account(overrides={"invitations": 1})
    location = await make.location(account, allowance=5)
    await make.invited(location)
    with pytest.raises(AllowanceExceeded):
        await make.invited(location)
