"""What an account can create and restart in a day, single and by lists, also at many places at once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

import models
from models.clock import clock
from models.commands import day_quota
from models.connection import WORK, execute, fetch, pool
from models.rules.enums import PlanTier
from models.rules.errors import AllowanceExceeded, Invalid, Refusal
from models.rules.plan import PLANS, facts_of
from models.rules.quota import RESTARTS_OF_AN_INVITATION
from tests import factories as make
from tests.bulk_import.lists import people, taken_in, verdicts
from tests.models.commands.deliveries import restart, stop
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def spent(of: models.Account) -> list[tuple[int, int]]:
    rows = await fetch(
        pool(WORK), "select taken_in, restarted from account_day where account_id = $1 order by day", of.id
    )
    return [tuple(row) for row in rows]


async def messages(key: object) -> list[str]:
    text = "select message from import_row_error where bulk_import_id = $1 order by row, ordinal"
    return [row["message"] for row in await fetch(pool(WORK), text, key)]


async def test_inviting_and_stopping_again_and_again_ends_at_the_day_s_bound_and_works_the_next_day() -> None:
    account = await make.account(overrides={"invitations_per_day": 3})
    location = await make.location(account)
    for _ in range(3):
        await stop(await make.invited(location))
    with pytest.raises(AllowanceExceeded) as refused:
        await make.invited(location)
    assert make.Usage(invited=0, reserved=0) == await make.usage(account)
    tomorrow = datetime.fromisoformat(refused.value.message.rpartition(" ")[2].rstrip("."))
    assert tomorrow.astimezone(UTC).isoformat() == f"{clock.now().year}-05-04T22:00:00+00:00", "midnight in Berlin"
    clock.set(tomorrow - timedelta(seconds=1))
    with pytest.raises(AllowanceExceeded):
        await make.invited(location)
    clock.set(tomorrow)
    await make.invited(location)
    assert await spent(account) == [(3, 0), (1, 0)]


async def test_twenty_connections_at_once_never_pass_the_day_s_bound() -> None:
    account = await make.account(overrides={"invitations_per_day": 7})
    location = await make.location(account)

    async def one() -> bool:
        try:
            await make.invited(location)
        except AllowanceExceeded:
            return False
        return True

    taken = await asyncio.gather(*(one() for _ in range(20)))
    assert taken.count(True) == 7
    assert await spent(account) == [(7, 0)]


async def test_a_refused_invitation_does_not_count() -> None:
    account = await make.account(overrides={"invitations": 1, "invitations_per_day": 9})
    location = await make.location(account)
    await make.invited(location)
    with pytest.raises(Refusal):
        await make.invited(location)
    assert await spent(account) == [(1, 0)]


async def test_a_list_and_single_invitations_share_the_day_and_the_file_s_first_records_are_taken() -> None:
    account = await make.account(overrides={"invitations_per_day": 3})
    location = await make.location(account)
    await make.invited(location)
    key = await taken_in(location, *people(4, "day"))
    assert await verdicts(key) == [None, None, "NO_ALLOWANCE", "NO_ALLOWANCE"]
    sentence = (
        "The account had created as many invitations as it can in a day; "
        f"import this record again after {clock.now().year}-05-04T22:00:00Z."
    )
    assert await messages(key) == [sentence] * 2
    assert await spent(account) == [(3, 0)]


async def test_a_list_without_allowance_says_so_and_nothing_of_the_day() -> None:
    location = await make.location(await make.account(overrides={"invitations": 1}))
    key = await taken_in(location, *people(2, "none"))
    assert await messages(key) == ["The allowance was used up; import this record again after the reset."]


async def test_what_was_bought_makes_room_in_the_day_too() -> None:
    account = await make.account(overrides={"invitations_per_day": 1})
    location = await make.location(account)
    cycle = clock.now().date().replace(day=1)
    await models.Boost.create(account_id=account.id, key="spring", cycle_starts_on=cycle, invitations=2)
    for _ in range(3):
        await make.invited(location)
    with pytest.raises(AllowanceExceeded):
        await make.invited(location)


async def test_stopping_and_restarting_one_invitation_ends_and_a_stop_is_never_refused() -> None:
    location = await make.location(await make.account())
    invitation = await make.invited(location)
    for _ in range(RESTARTS_OF_AN_INVITATION):
        await stop(invitation)
        await restart(invitation)
    await stop(invitation)
    for _ in range(3):
        with pytest.raises(Invalid, match="cannot be restarted again"):
            await restart(invitation)
        await stop(invitation)
    assert await models.ActivityEvent.filter(invitation_id=invitation).count() == 2 + 2 * RESTARTS_OF_AN_INVITATION


async def test_restarts_of_a_day_end_at_its_bound_also_at_once() -> None:
    account = await make.account(overrides={"invitations_per_day": 4})
    location = await make.location(account)
    invitations = [await make.invited(location) for _ in range(4)]
    for invitation in invitations:
        await stop(invitation)
    await execute(pool(WORK), "update account_day set restarted = 2 where account_id = $1", account.id)
    told = await asyncio.gather(*(restart(invitation) for invitation in invitations), return_exceptions=True)
    assert [type(one) for one in told if one is not None] == [AllowanceExceeded] * 2
    assert await spent(account) == [(4, 4)]


async def test_days_that_are_long_over_are_forgotten() -> None:
    account = await make.account()
    await make.invited(await make.location(account))
    clock.move(day_quota.KEPT)
    await day_quota.prune(pool(WORK), clock.now())
    assert await spent(account) == [(1, 0)]
    clock.move(timedelta(days=1))
    await day_quota.prune(pool(WORK), clock.now())
    assert await spent(account) == []


@pytest.mark.parametrize("plan", PlanTier)
def test_a_day_has_room_for_many_cycles_of_honest_use(plan: PlanTier) -> None:
    facts = PLANS[plan]
    assert facts.invitations_per_day >= max(1000, 10 * facts.invitations)
    assert facts_of(plan, {"invitations": 10**6}).invitations_per_day == 10**7
    assert facts_of(plan, {"invitations": 1}).invitations_per_day == facts.invitations_per_day
    assert facts_of(plan, {"invitations": 10**6, "invitations_per_day": 5}).invitations_per_day == 5
