"""From a due message to its stamp and its outcome, one step after the other."""

import asyncio
from contextvars import copy_context
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

import models
from models.clock import clock
from models.commands import answers, lanes, sending
from models.commands.suppress import suppress
from models.connection import WORK, pool, transaction
from models.rules.enums import Channel, MessageState, SuppressionReason
from tests import factories as make
from tests.models.commands.deliveries import claimed, deliver, due, settle, standing, states, stop, told
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
INSTANT = timedelta(microseconds=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HALF_AN_HOUR = 1 / 48


@pytest.fixture(autouse=True)
def season() -> None:
    set_unused_year()


async def test_of_two_steps_that_are_late_the_first_goes_alone_and_the_second_keeps_its_distance() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0, HALF_AN_HOUR)))
    clock.move(HOUR)
    first = await claimed(account)
    assert [message.step for message in first] == [1]
    assert await claimed(account) == []
    await settle(first, MessageState.SENT)
    assert await make.usage(account) == make.Usage(invited=1, reserved=0)
    assert (await due(invitation))[1] == clock.now() + 30 * MINUTE
    clock.move(31 * MINUTE)
    assert [message.step for message in await claimed(account)] == [2]


async def test_a_step_waits_while_the_one_before_it_is_handed_over() -> None:
    account = await make.account()
    await make.invited(await make.location(account, steps=(0, HALF_AN_HOUR)))
    clock.move(HOUR)
    await claimed(account)
    await sending.repair_lanes(pool(WORK), clock.now())  # their lane looks for what is due again
    assert await claimed(account) == []


async def test_a_lane_that_one_worker_looks_through_is_left_to_it() -> None:
    account = await make.account()
    await make.invited(await make.location(account, steps=(0,)))
    outside = copy_context()  # in which pool(WORK) is not the transaction below
    async with transaction(WORK):
        assert account.id in await accounts_claimed()
        others = await asyncio.create_task(accounts_claimed(), context=outside)
    assert account.id not in others


async def accounts_claimed() -> list[UUID]:
    """Claims everything that is due; the accounts."""
    most = {"max_messages": 20_000, "max_lanes": 2_000}
    rows = await sending.claim(pool(WORK), uuid4(), clock.now(), **most, lease_seconds=60)
    return [row.account_id for row in rows]


async def test_what_a_worker_holds_is_not_taken_from_it() -> None:
    account, worker = await make.account(), uuid4()
    location = await make.location(account, steps=(0,))
    invitations = [await make.invited(location) for _ in range(2)]
    rows = await sending.claim(pool(WORK), worker, clock.now(), max_messages=20_000, max_lanes=2_000, lease_seconds=60)
    first = [row for row in rows if row.invitation_id == invitations[0]]
    await sending.stamp(pool(WORK), first, worker, clock.now(), lease_seconds=60)
    await sending.reap(clock.now())
    assert [await states(one) for one in invitations] == [[MessageState.SENDING], [MessageState.CLAIMED]]


async def test_a_step_waits_for_the_one_before_it_that_is_tried_again() -> None:
    account = await make.account()
    await make.invited(await make.location(account, steps=(0, HALF_AN_HOUR)))
    await settle(await claimed(account), MessageState.DEFERRED)
    clock.move(3 * MINUTE)
    assert await claimed(account) == []
    clock.move(HOUR)
    (again,) = await claimed(account)
    assert (again.step, again.attempts) == (1, 2)


async def test_after_a_step_that_may_have_gone_the_next_one_goes_at_its_time() -> None:
    account = await make.account()
    await make.invited(await make.location(account, steps=(0, HALF_AN_HOUR)))
    await settle(await claimed(account), MessageState.UNKNOWN)
    clock.move(HOUR)
    await sending.repair_lanes(pool(WORK), clock.now())
    assert [message.step for message in await claimed(account)] == [2]


async def test_each_step_goes_when_its_delay_is_over_and_not_before() -> None:
    account = await make.account()
    await make.invited(await make.location(account, steps=(0, 3, 7)))
    assert await deliver(account, MessageState.SENT) == [1]
    for delay, step in ((3 * DAY, 2), (4 * DAY, 3)):
        clock.move(delay - MINUTE)
        assert await deliver(account, MessageState.SENT) == []
        clock.move(MINUTE)
        assert await deliver(account, MessageState.SENT) == [step]


async def test_what_is_taken_up_after_hours_waits_for_the_morning() -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,), email_from_hour=9, email_until_hour=19)
    invitation = await make.invited(location)
    clock.move(8 * HOUR)  # 19:00 in Berlin
    assert await claimed(account) == []
    assert (await states(invitation), await due(invitation)) == ([MessageState.SCHEDULED], [clock.now() + 14 * HOUR])
    clock.move(14 * HOUR)
    assert len(await claimed(account)) == 1


async def test_what_the_allowance_does_not_cover_yet_is_looked_at_again_in_a_minute() -> None:
    account = await make.account(anchor_day=5)
    invitation = await make.invited(await make.location(account, steps=(0,)))
    clock.move(20 * HOUR)  # into the next cycle, and its reservation was not moved on
    assert await claimed(account) == []
    assert (await states(invitation), await due(invitation)) == ([MessageState.SCHEDULED], [clock.now() + MINUTE])


async def test_nothing_is_stamped_for_an_address_that_was_suppressed_or_an_invitation_that_was_stopped() -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,))
    asked, goes_on, worker = make.person(), make.person(), uuid4()
    await make.invited(location, asked)
    stopped, going = await make.invited(location), await make.invited(location, goes_on)
    rows = await sending.claim(pool(WORK), worker, clock.now(), max_messages=50, lease_seconds=60)
    async with transaction() as tx:
        reason = SuppressionReason.CUSTOMER_ASKED
        await suppress(tx, account.id, [(Channel.EMAIL, asked.email or "")], reason, make.MEMBER, clock.now())
    await stop(stopped)
    stamped = await sending.stamp(pool(WORK), rows, worker, clock.now(), lease_seconds=60)
    assert [row.invitation_id for row in rows if row.id in stamped] == [going]


async def test_nothing_is_stamped_for_a_suppression_that_the_invitation_does_not_know_of() -> None:
    account, ann = await make.account(), make.person()
    invitation = await make.invited(await make.location(account, steps=(0,)), ann)
    await make.suppressed(account, ann.email)
    assert await claimed(account) == []
    assert await standing(invitation) == ("QUEUED", None)


async def test_a_suppression_of_another_account_or_channel_keeps_nothing_back() -> None:
    account, ann = await make.account(), make.person()
    await make.invited(await make.location(account, steps=(0,)), ann)
    await make.suppressed(await make.account(), ann.email)
    await make.suppressed(account, ann.email, Channel.SMS)
    assert len(await claimed(account)) == 1


async def test_nothing_is_stamped_in_a_lane_that_was_held_after_the_claim() -> None:
    account, worker = await make.account(), uuid4()
    location = await make.location(account, steps=(0,))
    await make.invited(location)
    rows = await sending.claim(pool(WORK), worker, clock.now(), max_messages=20_000, max_lanes=2_000, lease_seconds=60)
    assert [row.account_id for row in rows].count(account.id) == 1
    await models.Location.filter(id=location.id).update(postal_address="")
    async with transaction(WORK) as tx:
        await lanes.reflag(tx, location.id, clock.now())
    mine = [row for row in rows if row.account_id == account.id]
    assert await sending.stamp(pool(WORK), mine, worker, clock.now(), lease_seconds=60) == set()


@pytest.mark.parametrize(("after", "goes"), [(timedelta(), False), (-INSTANT, True)])
async def test_the_window_closes_at_its_hour_to_the_instant(after: timedelta, goes: bool) -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,), email_from_hour=9, email_until_hour=19)
    await make.invited(location)
    clock.move(8 * HOUR + after)  # 19:00 in Berlin
    assert len(await claimed(account)) == goes


@pytest.mark.parametrize(("after", "goes"), [(timedelta(), True), (-INSTANT, False)])
async def test_the_window_opens_at_its_hour_to_the_instant(after: timedelta, goes: bool) -> None:
    account = await make.account()
    clock.move(-2 * HOUR + after)  # 9:00 in Berlin
    location = await make.location(account, steps=(0,))
    await make.invited(location)
    await models.Location.filter(id=location.id).update(email_from_hour=9, email_until_hour=19)
    assert len(await claimed(account)) == goes


async def test_refused_for_now_is_tried_again_after_growing_delays() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0,)))
    for minutes in (5, 15, 45, 120, 240, 240):
        assert await deliver(account, MessageState.DEFERRED) == [1]
        assert await due(invitation) == [clock.now() + minutes * MINUTE]
        clock.move(minutes * MINUTE)
    assert [kind for kind, _ in await told(invitation)] == ["INVITED", "DEFERRED"]


async def test_refused_for_now_is_given_up_after_a_day() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account))
    await deliver(account, MessageState.DEFERRED)
    clock.move(DAY - MINUTE)
    await deliver(account, MessageState.DEFERRED)
    assert await standing(invitation) == ("QUEUED", None)
    clock.move(4 * HOUR)
    await deliver(account, MessageState.DEFERRED)
    assert await standing(invitation) == ("FAILED", "RETRIES_EXHAUSTED")
    assert await states(invitation) == [MessageState.FAILED] + 3 * [MessageState.SKIPPED]
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)


@pytest.mark.parametrize(("after", "became"), [(DAY - INSTANT, MessageState.DEFERRED), (DAY, MessageState.FAILED)])
async def test_refused_for_now_is_given_up_after_a_day_to_the_instant(after: timedelta, became: MessageState) -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0,)))
    await deliver(account, MessageState.DEFERRED)
    clock.move(after)
    await deliver(account, MessageState.DEFERRED)
    assert await states(invitation) == [became]


async def test_refused_for_good_fails_the_invitation_and_gives_its_reservation_back() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account))
    await deliver(account, MessageState.FAILED)
    assert await standing(invitation) == ("FAILED", "NO_USABLE_CHANNEL")
    assert await states(invitation) == [MessageState.FAILED] + 3 * [MessageState.SKIPPED]
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)


async def test_refused_for_good_where_no_step_of_another_channel_is_left_fails_too() -> None:
    account = await make.account()
    person = make.person(phone="+4915112345678")
    invitation = await make.invited(await make.location(account, steps=(0,)), person)
    await models.Invitation.filter(id=invitation).update(channels=[Channel.EMAIL, Channel.SMS])
    await deliver(account, MessageState.FAILED)
    assert await standing(invitation) == ("FAILED", "NO_USABLE_CHANNEL")


async def test_a_claim_of_a_lost_worker_goes_back_as_if_it_had_never_been() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0,)))
    await sending.claim(pool(WORK), uuid4(), clock.now(), max_messages=50, lease_seconds=-1)
    await sending.reap(clock.now())
    assert await states(invitation) == [MessageState.SCHEDULED]
    (again,) = await claimed(account)
    assert again.attempts == 1


async def test_what_a_lost_worker_had_stamped_is_unknown_and_not_taken_up_again() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0,)))
    await claimed(account, lease_seconds=-1)
    await sending.reap(clock.now())
    assert await states(invitation) == [MessageState.UNKNOWN]
    clock.move(HOUR)
    assert await claimed(account) == []
    assert await make.usage(account) == make.Usage(invited=0, reserved=1)


async def test_a_worker_lost_after_a_stop_leaves_no_reservation_behind() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0,)))
    await claimed(account, lease_seconds=-1)
    await stop(invitation)
    await sending.reap(clock.now())
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)


async def test_what_somebody_does_on_the_page_of_an_unknown_message_proves_that_it_was_sent() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, goals=[]))
    (message,) = await claimed(account)
    await settle([message], MessageState.UNKNOWN)
    for _ in range(2):
        async with transaction(WORK) as tx:
            await answers.score(tx, message.id, 9, clock.now())
    assert (await models.Message.get(id=message.id)).state is MessageState.SENT
    assert (await models.Invitation.get(id=invitation)).state == "ACTIVE"
    assert await make.usage(account) == make.Usage(invited=1, reserved=0)
