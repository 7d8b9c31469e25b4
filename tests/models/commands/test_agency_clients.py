"""A client's row on its agency's board: when its cycle rolls over, and its allowance."""

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


async def create_client(**values: object) -> models.Account:
    agency = await make.account(kind=AccountKind.AGENCY)
    return await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id, anchor_day=5, **values)


async def refresh(client: models.Account) -> None:
    async with transaction(WORK) as tx:
        await agency_clients.refresh(tx, [client.id], clock.now())


async def row(client: models.Account) -> tuple[date, datetime, int]:
    """The start of the cycle, its reset, and the allowance."""
    text = "select cycle_starts_on, resets_at, allowance from agency_client where account_id = $1"
    found = await fetch_one(pool(WORK), text, client.id)
    assert found is not None
    return found["cycle_starts_on"], found["resets_at"], found["allowance"]


async def roll_over() -> None:
    while await agency_clients.roll_over(clock.now()):
        pass


async def test_a_new_cycle_starts_exactly_at_the_reset() -> None:
    client = await create_client()
    await refresh(client)
    before, resets_at, _ = await row(client)
    clock.set(resets_at - timedelta(microseconds=1))
    await roll_over()
    assert (await row(client))[0] == before
    clock.set(resets_at)
    await roll_over()
    assert (await row(client))[0] > before


async def test_only_boosts_of_the_current_cycle_count() -> None:
    client = await create_client(overrides={"invitations": 10})
    await refresh(client)
    starts_on, resets_at, _ = await row(client)
    for key, day, number in (("now", starts_on, 5), ("later", resets_at.date() + timedelta(days=1), 100)):
        await models.Boost.create(account_id=client.id, key=key, cycle_starts_on=day, invitations=number)
    await refresh(client)
    assert (await row(client))[2] == 15
