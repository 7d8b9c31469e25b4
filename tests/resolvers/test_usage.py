"""The usage cards over time: cycles in the account's time zone, resets, boosts and plan changes."""

from datetime import UTC, datetime, timedelta

import pytest

import models
from models.clock import clock
from models.commands import upkeep
from models.connection import WORK, execute, fetch_one, pool, transaction
from models.reads.operation import Ahead, Reads
from models.reads.usage import Terms, usages
from models.rules import ids
from models.rules.enums import PlanTier, Role
from models.rules.errors import AllowanceExceeded
from tests import factories as make
from tests.gateway import Api, Json

CARDS = """query ($here: ID) { account { usage(locationId: $here) {
  totalInvited allowance reserved remaining invitedThisCycle locationAllowance cycleStartsOn resetsOn buyMoreUrl } } }"""


async def cards(api: Api, who: models.User, here: models.Location | None = None) -> Json:
    key = ids.public_id(ids.LOCATION, here.id) if here else None
    found: Json = (await api.data(who, CARDS, here=key))["account"]["usage"]
    return found


async def boost(of: models.Account, cycle: str, invitations: int) -> None:
    await execute(
        pool(WORK),
        "insert into boost (id, account_id, key, cycle_starts_on, invitations) "
        "values (gen_random_uuid(), $1, $2, $3::text::date, $4)",
        of.id,
        cycle,
        cycle,
        invitations,
    )


async def test_unsent_invitations_are_reserved_and_sent_ones_invited(api: Api) -> None:
    account = await make.account(plan=PlanTier.STARTER)
    here, there = await make.location(account, allowance=50), await make.location(account)
    owner = await make.member(account)
    await make.sent(await make.invited(here))
    await make.invited(here)
    await make.sent(await make.invited(there))
    whole, of_one = await cards(api, owner), await cards(api, owner, here)
    assert [whole[name] for name in ("totalInvited", "allowance", "reserved", "remaining")] == [2, 200, 1, 197]
    assert (whole["invitedThisCycle"], whole["locationAllowance"]) == (2, None)
    assert (of_one["totalInvited"], of_one["invitedThisCycle"], of_one["locationAllowance"]) == (2, 1, 50)


async def test_invited_this_cycle_covers_the_members_locations_and_total_covers_all(api: Api) -> None:
    account = await make.account()
    here, there = await make.location(account), await make.location(account)
    manager = await make.member(account, Role.MANAGER, all_locations=False)
    await make.assign(manager, here)
    for place in (here, there, there):
        await make.sent(await make.invited(place))
    seen = await cards(api, manager)
    assert (seen["totalInvited"], seen["invitedThisCycle"]) == (3, 1)


@pytest.mark.parametrize(
    ("zone", "anchor", "now", "starts", "resets"),
    [
        ("Europe/Berlin", 31, datetime(2026, 2, 27, 22, 59, tzinfo=UTC), "2026-01-31", "2026-02-28"),
        ("Europe/Berlin", 31, datetime(2026, 2, 27, 23, 1, tzinfo=UTC), "2026-02-28", "2026-03-31"),
        ("Europe/Berlin", 29, datetime(2026, 3, 28, 23, 1, tzinfo=UTC), "2026-03-29", "2026-04-29"),
        ("America/New_York", 1, datetime(2026, 11, 1, 3, 59, tzinfo=UTC), "2026-10-01", "2026-11-01"),
        ("America/New_York", 1, datetime(2026, 11, 1, 4, 1, tzinfo=UTC), "2026-11-01", "2026-12-01"),
        ("Pacific/Auckland", 30, datetime(2028, 2, 28, 12, tzinfo=UTC), "2028-02-29", "2028-03-30"),
    ],
)  # fmt: skip
async def test_cycle_starts_at_midnight_in_the_accounts_time_zone(
    api: Api, zone: str, anchor: int, now: datetime, starts: str, resets: str
) -> None:
    clock.set(now)
    account = await make.account(time_zone=zone, anchor_day=anchor)
    found = await cards(api, await make.member(account))
    assert (found["cycleStartsOn"], found["resetsOn"]) == (starts, resets)


async def test_reset_starts_from_zero_and_moves_reservations_to_the_new_cycle(api: Api) -> None:
    clock.set(datetime(2026, 10, 24, 20, tzinfo=UTC))  # clocks go back that night
    account = await make.account(anchor_day=25, plan=PlanTier.FREE)
    location, owner = await make.location(account), await make.member(account)
    await make.sent(await make.invited(location))
    await make.invited(location, send_at=clock.now() + timedelta(hours=1))
    before = await cards(api, owner)
    assert [before[name] for name in ("totalInvited", "reserved", "remaining", "resetsOn")] == [1, 1, 18, "2026-10-25"]
    clock.move(timedelta(hours=3))
    for _ in range(2):  # before and after upkeep moves the reservation
        now = await cards(api, owner)
        assert [now[name] for name in ("totalInvited", "reserved", "remaining", "cycleStartsOn")] == [
            0,
            1,
            19,
            "2026-10-25",
        ]
        await upkeep.roll_reservations(clock.now())


async def test_invitation_due_in_the_next_cycle_is_reserved_there(api: Api) -> None:
    clock.set(datetime(2026, 5, 20, 10, tzinfo=UTC))
    account = await make.account(plan=PlanTier.FREE)
    location, owner = await make.location(account), await make.member(account)
    await make.invited(location, send_at=datetime(2026, 6, 3, 10, tzinfo=UTC))
    assert (await cards(api, owner))["reserved"] == 0
    clock.set(datetime(2026, 6, 1, 10, tzinfo=UTC))
    assert (await cards(api, owner))["reserved"] == 1


async def test_boost_adds_to_its_cycle_and_expires_at_the_reset(api: Api) -> None:
    clock.set(datetime(2026, 5, 20, 10, tzinfo=UTC))
    account = await make.account(overrides={"invitations": 10})
    owner = await make.member(account)
    await boost(account, "2026-05-01", 7)
    found = await cards(api, owner)
    assert (found["allowance"], found["remaining"]) == (17, 17)
    clock.set(datetime(2026, 6, 1, 10, tzinfo=UTC))
    assert (await cards(api, owner))["allowance"] == 10


async def test_boost_is_used_after_the_plans_allowance(api: Api) -> None:
    clock.set(datetime(2026, 5, 20, 10, tzinfo=UTC))
    account = await make.account(overrides={"invitations": 1})
    location = await make.location(account)
    await make.invited(location)
    with pytest.raises(AllowanceExceeded):
        await make.invited(location)
    await boost(account, "2026-05-01", 1)
    await make.invited(location)
    assert (await cards(api, await make.member(account)))["remaining"] == 0


async def test_plan_change_applies_at_once_and_keeps_sent_invitations(api: Api) -> None:
    account = await make.account(plan=PlanTier.STARTER)
    location, owner = await make.location(account), await make.member(account)
    for _ in range(25):
        await make.sent(await make.invited(location))
    await execute(pool(WORK), "update account set plan = 'FREE' where id = $1", account.id)
    found = await cards(api, owner)
    assert [found[name] for name in ("totalInvited", "allowance", "remaining")] == [25, 20, 0]
    with pytest.raises(AllowanceExceeded):
        await make.invited(location)
    await execute(pool(WORK), "update account set plan = 'PROFESSIONAL' where id = $1", account.id)
    assert (await cards(api, owner))["remaining"] == 4975


async def test_buy_more_url_comes_from_the_settings(api: Api) -> None:
    account = await make.account()
    assert (await cards(api, await make.member(account)))["buyMoreUrl"] == "https://example.com/buy"
    assert (await cards(api, await make.member(account, Role.MANAGER)))["buyMoreUrl"] is None


async def test_location_counters_add_up_to_the_accounts(db: str) -> None:
    account = await make.account()
    for place in [await make.location(account) for _ in range(2)]:
        await make.sent(await make.invited(place))
        await make.invited(place)
    async with transaction(WORK) as tx:
        row = await fetch_one(
            tx,
            "select sum(l.invited) as i, sum(l.reserved) as r, max(a.invited) as ai, max(a.reserved) as ar "
            "from location_usage l join account_usage a using (account_id, cycle_starts_on) where account_id = $1",
            account.id,
        )
    assert row is not None
    assert tuple(row) == (2, 2, 2, 2)


async def test_cards_are_shown_although_a_field_that_waits_for_them_too_is_given_up(api: Api) -> None:
    account = await make.account(plan=PlanTier.STARTER)
    text = """{ one: account { usage { allowance } customers(after: "no cursor") { edges { cursor } } }
              other: account { usage { allowance } } }"""
    found = await api.ask(await make.member(account), text)
    assert found["data"] == {"one": None, "other": {"usage": {"allowance": 200}}}
    assert [one["path"] for one in found["errors"]] == [["one", "customers"]]


async def test_usage_can_be_read_with_what_depends_on_the_first_rows(db: str) -> None:
    account = await make.account(plan=PlanTier.STARTER)
    reads, now = Reads(), clock.now()
    first, second = Ahead("select 1 as first", ()), Ahead("select 2 as second", ())
    await reads.identity("select 0 as viewer", rounds=[[first], [second]])
    found = await usages(reads, [Terms(make.scope(account), 200, "Europe/Berlin", 1)], now)
    assert found[account.id].allowance == 200
    assert [row["second"] for row in await reads.rows(second.sql)] == [2]
    assert reads.statements == 2
