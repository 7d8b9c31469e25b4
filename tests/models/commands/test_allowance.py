"""What may be taken: the plan's, with boosts, and a location's own."""

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
def season() -> None:
    set_unused_year()


async def boost(of: models.Account, invitations: int) -> None:
    """For the present cycle."""
    cycle = cycle_at(clock.now(), of.time_zone, of.anchor_day)
    async with transaction(WORK) as tx:
        await models.Boost.create(
            using_db=tx, account_id=of.id, key="boost", cycle_starts_on=cycle.starts_on, invitations=invitations
        )


async def test_a_concurrent_invitation_waits_and_counts() -> None:
    account = await make.account(overrides={"invitations": 1})
    location = await make.location(account)
    outside = copy_context()  # in which the second invitation is not in the transaction below
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


INSTANT, MONTH = timedelta(microseconds=1), timedelta(days=31)


async def rooms(of: models.Account, at: models.Location, ahead: timedelta = timedelta()) -> tuple[int, int]:
    """What the account and the location may still take in the present cycle, or in one ahead."""
    async with transaction(WORK) as tx:
        terms = await allowance.lock_one(tx, of.id)
        cycle = terms.cycle(clock.now() + ahead).starts_on
        whole = await allowance.account_room(tx, terms, cycle, clock.now())
        return whole, await allowance.room(tx, terms, at.id, cycle, clock.now())


async def test_at_the_reset_what_was_invited_is_forgotten_and_what_is_reserved_comes_first() -> None:
    account = await make.account(overrides={"invitations": 5}, anchor_day=5)
    location = await make.location(account, steps=(0,), allowance=3)
    await make.invited(location)
    await deliver(account, MessageState.SENT)
    await make.invited(location)
    clock.move(timedelta(hours=13) - INSTANT)  # midnight in Berlin
    assert await rooms(account, location) == (3, 1)
    assert await rooms(account, location, ahead=MONTH) == (5, 3)
    clock.move(INSTANT)
    assert await rooms(account, location) == (4, 2)
    assert await rooms(account, location, ahead=MONTH) == (5, 3)


async def test_what_is_reserved_in_the_next_cycle_takes_nothing_from_this_one() -> None:
    account = await make.account(overrides={"invitations": 5}, anchor_day=5)
    location = await make.location(account, steps=(0,), allowance=3)
    await make.invited(location, send_at=clock.now() + timedelta(hours=13))
    assert await rooms(account, location) == (5, 3)
    assert await rooms(account, location, ahead=MONTH) == (4, 2)


async def test_what_is_taken_at_one_location_leaves_another_its_own() -> None:
    account = await make.account(overrides={"invitations": 5})
    here, there = [await make.location(account, allowance=3) for _ in range(2)]
    await make.invited(here)
    assert (await rooms(account, here), await rooms(account, there)) == ((4, 2), (4, 3))
