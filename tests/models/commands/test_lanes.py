"""Lanes that wait for a complete sender, and messages that become overdue."""

from datetime import timedelta
from uuid import uuid4

import pytest

import models
from models.clock import clock
from models.commands import lanes, sending
from models.connection import WORK, fetch_one, pool, transaction
from models.rules.enums import MessageState
from tests import factories as make
from tests.models.commands.deliveries import (
    claim_and_stamp,
    deliver,
    due_times,
    events,
    message_states,
    restart,
    state_and_reason,
    stop,
)
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def change(location: models.Location, **settings: object) -> None:
    """Changes the location as `plaudit apply` does."""
    await models.Location.filter(id=location.id).update(**settings)
    async with transaction(WORK) as tx:
        await lanes.reflag(tx, location.id, clock.now())


async def hold_overdue() -> None:
    """Runs until no batch is left, since messages of other tests may be overdue too."""
    held = 1
    while held:
        async with transaction(WORK) as tx:
            held = await sending.hold_overdue(tx, clock.now())


async def test_a_location_sends_nothing_until_it_has_a_postal_address() -> None:
    account = await make.account()
    location = await make.location(account, steps=(0, 3), postal_address=None)
    invitation = await make.invited(location)
    clock.move(2 * DAY)
    await hold_overdue()
    assert await claim_and_stamp(account) == []
    assert await state_and_reason(invitation) == ("QUEUED", None)
    await change(location, postal_address="1 High Street")
    assert await due_times(invitation) == [clock.now(), clock.now() + 3 * DAY]
    assert await deliver(account, MessageState.SENT) == [1]


async def test_invitations_created_without_a_sender_are_sent_once_there_is_one() -> None:
    account = await make.account()
    location = await make.location(account, steps=(0, 3), sender_name="")
    await make.invited(location)
    clock.move(29 * DAY)
    invitation = await make.invited(location)
    clock.move(DAY)
    await change(location, sender_name="The Bakery")
    assert await due_times(invitation) == [clock.now(), clock.now() + 3 * DAY]


async def test_a_sequence_resumes_where_it_was_after_a_time_without_a_sender() -> None:
    account = await make.account()
    location = await make.location(account, steps=(0, 3))
    invitation = await make.invited(location)
    await deliver(account, MessageState.SENT)
    clock.move(DAY)
    await change(location, sender_email=None)
    clock.move(10 * DAY)
    assert await claim_and_stamp(account) == []
    await change(location, sender_email="hello@bakery.example.com")
    assert (await due_times(invitation))[1] == clock.now() + 2 * DAY


async def test_time_without_a_sender_does_not_count_towards_the_retry_limit() -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,))
    invitation = await make.invited(location)
    await deliver(account, MessageState.DEFERRED)
    await change(location, sender_name=None)
    clock.move(3 * DAY)
    await change(location, sender_name="The Bakery")
    clock.move(HOUR)
    assert await deliver(account, MessageState.DEFERRED) == [1]
    assert await state_and_reason(invitation) == ("QUEUED", None)


async def test_messages_not_sent_for_a_day_are_held_as_overdue() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account))
    clock.move(DAY - HOUR)
    await hold_overdue()
    assert await state_and_reason(invitation) == ("QUEUED", None)
    clock.move(HOUR)
    assert await claim_and_stamp(account) == []
    await hold_overdue()
    assert await state_and_reason(invitation) == ("HELD", "OVERDUE")
    assert ("HELD", "OVERDUE") in await events(invitation)
    assert set(await message_states(invitation)) == {MessageState.PAUSED}
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)


async def test_stop_and_restart_resumes_an_overdue_invitation() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account))
    clock.move(5 * DAY)
    await hold_overdue()
    await stop(invitation)
    await restart(invitation)
    assert await state_and_reason(invitation) == ("QUEUED", None)
    assert await due_times(invitation) == [clock.now() + days * DAY for days in (0, 3, 7, 14)]
    assert await make.usage(account) == make.Usage(invited=0, reserved=1)


async def test_a_lane_is_served_again_after_its_overdue_messages_are_held() -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,))
    await make.invited(location)
    clock.move(2 * DAY)
    fresh = await make.invited(location)
    assert await claim_and_stamp(account) == []
    await hold_overdue()
    assert [message.invitation_id for message in await claim_and_stamp(account)] == [fresh]


async def test_messages_of_a_lane_without_a_complete_sender_are_not_claimed() -> None:
    account = await make.account()
    await make.invited(await make.location(account, steps=(0,), postal_address=None))
    rows = await sending.claim(pool(WORK), uuid4(), clock.now(), max_messages=20_000, max_lanes=2_000, lease_seconds=60)
    assert account.id not in [row.account_id for row in rows]


async def test_only_messages_due_for_a_day_are_held_as_overdue() -> None:
    location = await make.location(await make.account(), steps=(0,))
    late, later = await make.invited(location), await make.invited(location, send_at=clock.now() + HOUR / 2)
    clock.move(DAY)
    await hold_overdue()
    assert [await state_and_reason(one) for one in (late, later)] == [("HELD", "OVERDUE"), ("QUEUED", None)]


async def test_refusals_of_messages_sent_at_the_same_time_count_once() -> None:
    location = await make.location(await make.account(), steps=(0,))
    await make.invited(location)
    row = await fetch_one(pool(WORK), "select id from lane where location_id = $1", location.id)
    assert row is not None
    for _ in range(3):
        async with transaction(WORK) as tx:
            await lanes.hold_back(tx, {row["id"]: "550 5.7.1 sender not allowed"}, clock.now())
    held = await fetch_one(pool(WORK), "select refusals, next_due from lane where id = $1", row["id"])
    assert held is not None
    assert (held["refusals"], held["next_due"]) == (1, clock.now() + timedelta(minutes=1))


async def test_a_refused_sender_waits_with_exponential_backoff_of_at_most_an_hour() -> None:
    location = await make.location(await make.account(), steps=(0,))
    await make.invited(location)
    waits: list[float] = []
    for _ in range(9):
        row = await fetch_one(pool(WORK), "select id from lane where location_id = $1", location.id)
        assert row is not None
        async with transaction(WORK) as tx:
            await lanes.hold_back(tx, {row["id"]: "550 5.7.1 sender not allowed"}, clock.now())
        row = await fetch_one(pool(WORK), "select next_due from lane where location_id = $1", location.id)
        assert row is not None
        waits.append((row["next_due"] - clock.now()) / timedelta(minutes=1))
        clock.move(timedelta(minutes=waits[-1]))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
