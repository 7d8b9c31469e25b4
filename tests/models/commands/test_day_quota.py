"""Daily limits on invitations and restarts, for single invitations and imports, also when concurrent."""

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
from tests.bulk_import.imports import people, run_import, verdicts
from tests.models.commands.deliveries import restart, stop
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def counts(account: models.Account) -> list[tuple[int, int]]:
    """The invitations and restarts of each day."""
    rows = await fetch(
        pool(WORK), "select taken_in, restarted from account_day where account_id = $1 order by day", account.id
    )
    return [tuple(row) for row in rows]


async def error_messages(key: object) -> list[str]:
    text = "select message from import_row_error where bulk_import_id = $1 order by row, ordinal"
    return [row["message"] for row in await fetch(pool(WORK), text, key)]


async def test_stopped_invitations_count_towards_the_daily_limit_until_midnight() -> None:
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
    assert await counts(account) == [(3, 0), (1, 0)]


async def test_concurrent_invitations_do_not_exceed_the_daily_limit() -> None:
    account = await make.account(overrides={"invitations_per_day": 7})
    location = await make.location(account)

    async def invite() -> bool:
        try:
            await make.invited(location)
        except AllowanceExceeded:
            return False
        return True

    invited = await asyncio.gather(*(invite() for _ in range(20)))
    assert invited.count(True) == 7
    assert await counts(account) == [(7, 0)]


async def test_a_refused_invitation_does_not_count() -> None:
    account = await make.account(overrides={"invitations": 1, "invitations_per_day": 9})
    location = await make.location(account)
    await make.invited(location)
    with pytest.raises(Refusal):
        await make.invited(location)
    assert await counts(account) == [(1, 0)]


async def test_imports_and_single_invitations_share_the_daily_limit() -> None:
    account = await make.account(overrides={"invitations_per_day": 3})
    location = await make.location(account)
    await make.invited(location)
    key = await run_import(location, *people(4, "day"))
    assert await verdicts(key) == [None, None, "NO_ALLOWANCE", "NO_ALLOWANCE"]
    sentence = (
        "This account has created as many invitations as it can in a day; "
        f"try again at {clock.now().year}-05-04T22:00:00Z."
    )
    assert await error_messages(key) == [sentence] * 2
    assert await counts(account) == [(3, 0)]


async def test_an_import_without_allowance_does_not_blame_the_daily_limit() -> None:
    location = await make.location(await make.account(overrides={"invitations": 1}))
    key = await run_import(location, *people(2, "none"))
    assert await error_messages(key) == [used_up(clock.now().year)]


def used_up(year: int) -> str:
    return (
        "The allowance of the billing cycle in which this invitation would be sent is used up; "
        f"try again after it resets on {year}-06-01."
    )


async def test_a_person_without_allowance_is_told_the_same_as_a_list() -> None:
    location = await make.location(await make.account(overrides={"invitations": 0}))
    with pytest.raises(AllowanceExceeded) as refused:
        await make.invited(location)
    assert refused.value.message == used_up(clock.now().year)


async def test_a_restart_without_allowance_says_when_it_resets() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account))
    await stop(invitation)
    await models.Account.filter(id=account.id).update(overrides={"invitations": 0})
    with pytest.raises(AllowanceExceeded, match=f"used up until {clock.now().year}-06-01"):
        await restart(invitation)


async def test_the_reset_is_that_of_the_cycle_in_which_the_invitation_would_be_sent() -> None:
    location = await make.location(await make.account(overrides={"invitations": 0}))
    with pytest.raises(AllowanceExceeded, match=f"resets on {clock.now().year}-07-01"):
        await make.invited(location, send_at=clock.now() + timedelta(days=30))


async def test_a_boost_raises_the_daily_limit() -> None:
    account = await make.account(overrides={"invitations_per_day": 1})
    location = await make.location(account)
    cycle = clock.now().date().replace(day=1)
    await models.Boost.create(account_id=account.id, key="spring", cycle_starts_on=cycle, invitations=2)
    for _ in range(3):
        await make.invited(location)
    with pytest.raises(AllowanceExceeded):
        await make.invited(location)


async def test_an_invitation_can_be_restarted_a_limited_number_of_times_and_always_stopped() -> None:
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


async def test_concurrent_restarts_do_not_exceed_the_daily_limit() -> None:
    account = await make.account(overrides={"invitations_per_day": 4})
    location = await make.location(account)
    invitations = [await make.invited(location) for _ in range(4)]
    for invitation in invitations:
        await stop(invitation)
    await execute(pool(WORK), "update account_day set restarted = 2 where account_id = $1", account.id)
    results = await asyncio.gather(*(restart(invitation) for invitation in invitations), return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [AllowanceExceeded] * 2
    assert await counts(account) == [(4, 4)]


async def test_counters_of_past_days_are_deleted() -> None:
    account = await make.account()
    await make.invited(await make.location(account))
    clock.move(day_quota.KEPT)
    await day_quota.prune(pool(WORK), clock.now())
    assert await counts(account) == [(1, 0)]
    clock.move(timedelta(days=1))
    await day_quota.prune(pool(WORK), clock.now())
    assert await counts(account) == []


@pytest.mark.parametrize("plan", PlanTier)
def test_the_daily_limit_is_at_least_ten_times_the_allowance(plan: PlanTier) -> None:
    facts = PLANS[plan]
    assert facts.invitations_per_day >= max(1000, 10 * facts.invitations)
    assert facts_of(plan, {"invitations": 10**6}).invitations_per_day == 10**7
    assert facts_of(plan, {"invitations": 1}).invitations_per_day == facts.invitations_per_day
    assert facts_of(plan, {"invitations": 10**6, "invitations_per_day": 5}).invitations_per_day == 5
