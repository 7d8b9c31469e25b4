"""The row of a client on its agency's board: when it begins a new cycle, and what its allowance is."""

from datetime import date, datetime, timedelta

import pytest

import models
from models.clock import clock
from models.commands import agency_clients
from models.connection import WORK, fetch_one, pool, transaction
from models.rules.enums import AccountKind
from tests import factories as make
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def client(**given: object) -> models.Account:
    agency = await make.account(kind=AccountKind.AGENCY)
    return await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id, anchor_day=5, **given)


async def refresh(of: models.Account) -> None:
    async with transaction(WORK) as tx:
        await agency_clients.refresh(tx, [of.id], clock.now())


async def row(of: models.Account) -> tuple[date, datetime, int]:
    """The cycle, when it ends, and the allowance."""
    text = "select cycle_starts_on, resets_at, allowance from agency_client where account_id = $1"
    found = await fetch_one(pool(WORK), text, of.id)
    assert found is not None
    return found["cycle_starts_on"], found["resets_at"], found["allowance"]


async def roll() -> None:
    while await agency_clients.roll_over(clock.now()):
        pass


async def test_a_new_cycle_begins_at_the_reset_to_the_instant() -> None:
    of = await client()
    await refresh(of)
    before, resets_at, _ = await row(of)
    clock.set(resets_at - timedelta(microseconds=1))
    await roll()
    assert (await row(of))[0] == before
    clock.set(resets_at)
    await roll()
    assert (await row(of))[0] > before


async def test_boosts_of_the_present_cycle_count_and_no_others() -> None:
    of = await client(overrides={"invitations": 10})
    await refresh(of)
    starts_on, resets_at, _ = await row(of)
    for key, day, number in (("now", starts_on, 5), ("later", resets_at.date() + timedelta(days=1), 100)):
        await models.Boost.create(account_id=of.id, key=key, cycle_starts_on=day, invitations=number)
    await refresh(of)
    assert (await row(of))[2] == 15
