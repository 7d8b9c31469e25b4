"""The allowance: the plan's, boosts, and a location's own."""

import asyncio
from contextvars import copy_context
from datetime import timedelta

import pytest

import models
from models.clock import clock
from models.commands import allowance
from models.commands.invite import invite
from models.connection import WORK, fetch_one, transaction
from models.rules.cycle import cycle_at
from models.rules.enums import MessageState
from models.rules.errors import AllowanceExceeded
from tests import factories as make
from tests.models.commands.deliveries import deliver
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def boost(account: models.Account, invitations: int) -> None:
    """Adds a boost to the current cycle."""
    cycle = cycle_at(clock.now(), account.time_zone, account.anchor_day)
    async with transaction(WORK) as tx:
        await models.Boost.create(
            using_db=tx, account_id=account.id, key="boost", cycle_starts_on=cycle.starts_on, invitations=invitations
        )


async def test_a_concurrent_invitation_waits_and_is_counted() -> None:
    account = await make.account(overrides={"invitations": 1})
    location = await make.location(account)
    outside = copy_context()  # the second invitation must not join the transaction below
    async with transaction(WORK) as tx:
        await invite(tx, make.request(location), clock.now())
        second = asyncio.create_task(make.invited(location), context=outside)
        while not (await fetch_one(tx, "select exists(select from pg_locks where not granted) as waits") or {})[
            "waits"
        ]:
            await asyncio.sleep(0.01)
    with pytest.raises(AllowanceExceeded):
        await second


async def test_a_boost_adds_to_the_allowance() -> None:
    account = await make.account(overrides={"invitations": 1})
    location = await make.location(account)
    await boost(account, 1)
    await make.invited(location)
    await make.invited(location)
    with pytest.raises(AllowanceExceeded):
        await make.invited(location)


async def test_a_boost_expires_at_the_reset() -> None:
    account = await make.account(overrides={"invitations": 0}, anchor_day=5)
    location = await make.location(account)
    await boost(account, 1)
    clock.move(timedelta(days=1))
    with pytest.raises(AllowanceExceeded):
        await make.invited(location)


async def test_a_location_allowance_does_not_limit_other_locations() -> None:
    account = await make.account()
    small, other = await make.location(account, allowance=1), await make.location(account)
    await make.invited(small)
    with pytest.raises(AllowanceExceeded):
        await make.invited(small)
    await make.invited(other)


async def test_a_location_allowance_cannot_exceed_the_account_allowance() -> None:
    account = await make.account(overrides={"invitations": 1})
    location = await make.location(account, allowance=5)
    await make.invited(location)
    with pytest.raises(AllowanceExceeded):
        await make.invited(location)


INSTANT, MONTH = timedelta(microseconds=1), timedelta(days=31)


async def remaining(
    account: models.Account, location: models.Location, ahead: timedelta = timedelta()
) -> tuple[int, int]:
    """What is left to the account and to the location in the current cycle, or in the one `ahead` from now."""
    async with transaction(WORK) as tx:
        terms = await allowance.lock_one(tx, account.id)
        cycle = terms.cycle(clock.now() + ahead).starts_on
        of_account = await allowance.account_room(tx, terms, cycle, clock.now())
        return of_account, await allowance.room(tx, terms, location.id, cycle, clock.now())


async def test_a_reset_clears_invited_counts_and_keeps_reservations() -> None:
    account = await make.account(overrides={"invitations": 5}, anchor_day=5)
    location = await make.location(account, steps=(0,), allowance=3)
    await make.invited(location)
    await deliver(account, MessageState.SENT)
    await make.invited(location)
    clock.move(timedelta(hours=13) - INSTANT)  # midnight in Berlin
    assert await remaining(account, location) == (3, 1)
    assert await remaining(account, location, ahead=MONTH) == (5, 3)
    clock.move(INSTANT)
    assert await remaining(account, location) == (4, 2)
    assert await remaining(account, location, ahead=MONTH) == (5, 3)


async def test_reservations_in_the_next_cycle_do_not_count_in_this_one() -> None:
    account = await make.account(overrides={"invitations": 5}, anchor_day=5)
    location = await make.location(account, steps=(0,), allowance=3)
    await make.invited(location, send_at=clock.now() + timedelta(hours=13))
    assert await remaining(account, location) == (5, 3)
    assert await remaining(account, location, ahead=MONTH) == (4, 2)


async def test_locations_have_separate_allowances() -> None:
    account = await make.account(overrides={"invitations": 5})
    here, there = [await make.location(account, allowance=3) for _ in range(2)]
    await make.invited(here)
    assert (await remaining(account, here), await remaining(account, there)) == ((4, 2), (4, 3))
