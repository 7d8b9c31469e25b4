"""Send hours in the recipient's zone: at intake, when a phone is filled in, after a restart, and at the stamp."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import models
from models.clock import clock
from models.commands import zones
from models.connection import WORK, execute, fetch, pool, transaction
from models.rules.enums import Channel, MessageState
from models.rules.recipient_zone import zone_columns
from models.rules.sequence import RecipientZone, send_windows
from tests import factories as make
from tests.bulk_import.imports import add_sms_step, run_import
from tests.clock_changes import Change, all_changes, distinct_changes
from tests.models.commands.deliveries import claim_and_stamp, deliver, due_times, restart, stop
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
NEW_YORK, TOLL_FREE, AUSTRALIAN = "+12125550199", "+18005550199", "+61412345678"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()  # 11:00 in Berlin, 5:00 in New York, 19:00 in Sydney


async def berlin(**given: Any) -> models.Location:
    """A location in Berlin that sends from 9 to 19."""
    return await make.location(await make.account(), **{"email_from_hour": 9, "email_until_hour": 19} | given)


def local(moments: Sequence[datetime], zone: str) -> list[str]:
    return [moment.astimezone(ZoneInfo(zone)).strftime("%d %H:%M") for moment in moments]


async def customer_of(invitation: UUID) -> models.Customer:
    return await models.Customer.get(id=(await models.Invitation.get(id=invitation)).customer_id)


async def test_hours_count_in_the_zone_of_the_phone() -> None:
    invitation = await make.invited(await berlin(), make.person(phone=NEW_YORK))
    assert local(await due_times(invitation), "America/New_York") == ["04 09:00", "07 09:00", "11 09:00", "18 09:00"]


@pytest.mark.parametrize("phone", ["+4915112345678", None])
async def test_hours_count_in_the_zone_of_the_location_otherwise(phone: str | None) -> None:
    invitation = await make.invited(await berlin(), make.person(phone=phone))
    assert (await due_times(invitation))[0] == clock.now()


async def test_a_send_time_is_moved_into_the_recipients_hours() -> None:
    wanted = datetime(clock.now().year, 12, 1, 8, 30, tzinfo=UTC)
    invitation = await make.invited(await berlin(), make.person(phone=NEW_YORK), send_at=wanted)
    assert (await due_times(invitation))[0] == wanted.replace(hour=14, minute=0)


async def test_who_may_be_in_several_zones_gets_the_hours_that_these_share() -> None:
    invitation = await make.invited(await berlin(), make.person(phone=AUSTRALIAN))
    assert local(await due_times(invitation), "Australia/Lord_Howe")[0] == "05 14:00"
    near = await make.location(
        await make.account(), time_zone="Australia/Perth", email_from_hour=9, email_until_hour=19
    )
    invitation = await make.invited(near, make.person(phone=AUSTRALIAN))
    assert (await due_times(invitation))[0] == clock.now()  # 17:00 in Perth


async def test_an_import_uses_each_recipients_hours() -> None:
    location = await berlin(steps=(0, 3))
    await add_sms_step(location)
    await run_import(location, f"Ann,Smith,a@example.org,{NEW_YORK}", "Ben,Lee,b@example.org,", channels=["EMAIL"])
    ann, ben = [await models.Customer.get(location_id=location.id, first_name=name) for name in ("Ann", "Ben")]
    assert (ann.time_zone, ann.zone_spread, ben.time_zone, ben.zone_spread) == ("America/New_York", 0, None, None)
    times = [await due_times(one.latest_invitation_id) for one in (ann, ben) if one.latest_invitation_id]
    assert local(times[0], "America/New_York") == ["04 09:00", "07 09:00"]
    assert local(times[1], "Europe/Berlin") == ["04 11:00", "07 11:00"]


async def test_a_list_reserves_allowance_in_the_cycle_in_which_the_recipient_is_written_to() -> None:
    clock.set(datetime(clock.now().year, 5, 31, 15, tzinfo=UTC))  # 17:00 in Berlin, 1:00 on June 1 in Sydney
    account = await make.account()
    location = await make.location(account, steps=(0,), email_from_hour=9, email_until_hour=19)
    await run_import(location, "Ann,Smith,a@example.org,+61291234567")
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)
    assert await make.usage(account, clock.now() + DAY) == make.Usage(invited=0, reserved=1)


async def open_and_invited_by(location: models.Location, channel: str, *, by_list: bool) -> UUID:
    """An open invitation by e-mail to a person without a phone, who is then invited by SMS with one from New York."""
    ann = make.person()
    invitation = await make.invited(location, ann)
    if by_list:
        await run_import(location, f"Ann,Smith,{ann.email},{NEW_YORK}", channels=[channel])
    else:
        again = make.person(email=ann.email, phone=NEW_YORK)
        await make.invited(location, again, channels=[Channel(channel)])
    return invitation


@pytest.mark.parametrize("by_list", [False, True])
async def test_a_phone_that_is_filled_in_moves_what_is_queued(by_list: bool) -> None:
    location = await add_sms_step(await berlin())
    invitation = await open_and_invited_by(location, "SMS", by_list=by_list)
    assert (await customer_of(invitation)).time_zone == "America/New_York"
    assert local(await due_times(invitation), "America/New_York") == ["04 09:00", "07 09:00", "11 09:00", "18 09:00"]


@pytest.mark.parametrize("by_list", [False, True])
async def test_the_zone_of_the_phone_that_a_customer_has_counts_not_that_of_another_one(by_list: bool) -> None:
    location = await add_sms_step(await berlin(cool_down_days=0))
    ann = make.person(phone=NEW_YORK)
    key = await make.invited(location, ann)
    await models.Invitation.filter(id=key).update(state="COMPLETED")
    if by_list:
        await run_import(location, f"Ann,Smith,{ann.email},+4915112345678", channels=["EMAIL"])
    else:
        await make.invited(location, make.person(email=ann.email, phone="+4915112345678"))
    (customer,) = await models.Customer.filter(location_id=location.id)
    assert (customer.phone, customer.time_zone, customer.zone_spread) == (NEW_YORK, "America/New_York", 0)
    assert customer.latest_invitation_id not in (None, key)
    due = await due_times(customer.latest_invitation_id or key)
    assert local(due, "America/New_York")[0] == "04 09:00"


async def test_a_restart_and_changed_hours_keep_to_the_recipients_zone() -> None:
    location = await berlin(steps=(0,))
    invitation = await make.invited(location, make.person(phone=NEW_YORK))
    await stop(invitation)
    clock.move(-2 * HOUR)  # 3:00 in New York
    await restart(invitation)
    assert local(await due_times(invitation), "America/New_York") == ["04 09:00"]


async def test_the_stamp_keeps_to_the_recipients_hours() -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,))
    invitation = await make.invited(location, make.person(phone=NEW_YORK))
    await models.Location.filter(id=location.id).update(email_from_hour=9, email_until_hour=19)
    assert await claim_and_stamp(account) == []
    assert local(await due_times(invitation), "America/New_York") == ["04 09:00"]
    clock.move(4 * HOUR)
    assert await deliver(account, MessageState.SENT) == [1]


async def test_numbers_stored_earlier_are_looked_up_and_those_at_a_location_that_moved_again() -> None:
    location = await berlin()
    people = [await make.invited(location, make.person(phone=phone)) for phone in (NEW_YORK, TOLL_FREE, AUSTRALIAN)]
    await execute(
        pool(WORK), "update customer set time_zone = null, zone_spread = null where location_id = $1", location.id
    )
    await look_up()
    found = [await customer_of(one) for one in people]
    assert [(one.time_zone, one.zone_spread) for one in found] == [
        ("America/New_York", 0),
        ("Pacific/Guam", 21),
        ("Australia/Lord_Howe", 5),
    ]
    await models.Location.filter(id=location.id).update(time_zone="America/Chicago")
    async with transaction(WORK) as tx:
        await zones.forget(tx, await models.Location.get(id=location.id))
    await look_up()
    found = [await customer_of(one) for one in people]
    assert [(one.time_zone, one.zone_spread) for one in found] == [
        ("America/New_York", 0),
        (None, 0),
        ("Australia/Lord_Howe", 5),
    ]


async def look_up() -> None:
    async with transaction(WORK) as tx:
        await zones.look_up(tx, clock.now())
    async with transaction(WORK) as tx:
        assert await zones.look_up(tx, clock.now()) == 0


# The stamp against the rule.

HOURS = [(9, 19), (10, 20), (0, 24), (22, 24), (0, 1), (23, 24), (1, 3)]
SPREADS = st.sampled_from([0, 1, 5, 10])
INSTANT = timedelta(microseconds=1)


@given(
    change=st.sampled_from(distinct_changes()),
    home=st.sampled_from(["Europe/Berlin", "Pacific/Chatham", "America/St_Johns"]),
    is_theirs=st.booleans(),
    spread=SPREADS,
    hours=st.sampled_from(HOURS),
    offset=st.sampled_from(
        [timedelta(minutes=minutes) for minutes in (*range(-120, 121, 30), *range(150, 1440, 60))] + [-INSTANT]
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
async def test_the_stamp_agrees_with_the_rule_around_clock_changes(
    change: Change, home: str, is_theirs: bool, spread: int, hours: tuple[int, int], offset: timedelta
) -> None:
    zone = RecipientZone(change.zone, spread) if is_theirs else None
    home = home if is_theirs else change.zone
    await compare(change.at + offset, home, zone, hours)


async def compare(now: datetime, home: str, zone: RecipientZone | None, hours: tuple[int, int]) -> None:
    """Stamps a message of a location with this zone and these hours, to somebody in the other zone, and asks the rule."""
    clock.set(now)
    account = await make.account(time_zone="UTC")
    location = await make.location(account, steps=(0,), time_zone=home)
    invitation = await make.invited(location)
    await models.Location.filter(id=location.id).update(email_from_hour=hours[0], email_until_hour=hours[1])
    columns = zone_columns(zone)
    await models.Customer.filter(location_id=location.id).update(time_zone=columns[0], zone_spread=columns[1])
    window = send_windows(vars(await models.Location.get(id=location.id)), zone)[Channel.EMAIL]
    stamped = await claim_and_stamp(account)
    assert bool(stamped) == window.is_open(now) == (window.place(now) == now), f"{window} at {now}"
    if not stamped:
        assert await due_times(invitation) == [window.place(now)]


@pytest.mark.parametrize("zone", ["WET", "Europe/Tiraspol", "Africa/El_Aaiun"])
async def test_the_stamp_agrees_with_the_rule_where_the_database_has_other_zone_data(zone: str) -> None:
    """PostgreSQL 18.6 has other offsets here than zoneinfo."""
    for moment in all_changes()[zone][:4]:
        for hours in ((0, 1), (1, 2), (2, 3), (3, 4)):
            await compare(moment, zone, None, hours)
            await compare(moment - INSTANT, "UTC", RecipientZone(zone, 0), hours)


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Sydney", "America/Santiago", "Asia/Beirut"]
)
async def test_local_days_of_the_database_are_those_of_the_rules(zone: str) -> None:
    """Timelines are grouped by the database, with its own zone data."""
    moments = [change + side for change in all_changes()[zone] for side in (-INSTANT, timedelta())]
    rows = await fetch(
        pool(WORK), "select t.at at time zone $1 as local from unnest($2::timestamptz[]) as t (at)", zone, moments
    )
    assert [row["local"] for row in rows] == [one.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for one in moments]


@pytest.mark.parametrize(("hour", "sends"), [(13, False), (14, True), (18, True), (19, False)])
async def test_the_stamp_waits_for_an_hour_that_is_open_wherever_the_recipient_may_be(hour: int, sends: bool) -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,))
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    clock.set(datetime(clock.now().year, 5, 4, hour, tzinfo=lord_howe))
    await make.invited(location, make.person(phone=AUSTRALIAN))
    await models.Location.filter(id=location.id).update(email_from_hour=9, email_until_hour=19)
    assert bool(await claim_and_stamp(account)) == sends
