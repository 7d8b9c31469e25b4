"""From a due message to its stamp and its outcome."""

import asyncio
from collections import Counter
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
from tests.models.commands.deliveries import (
    claim_and_stamp,
    deliver,
    due_times,
    events,
    message_states,
    settle,
    state_and_reason,
    stop,
)
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
INSTANT = timedelta(microseconds=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HALF_AN_HOUR = 1 / 48


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def test_late_steps_are_sent_one_at_a_time_at_their_original_interval() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0, HALF_AN_HOUR)))
    clock.move(HOUR)
    first = await claim_and_stamp(account)
    assert [message.step for message in first] == [1]
    assert await claim_and_stamp(account) == []
    await settle(first, MessageState.SENT)
    assert await make.usage(account) == make.Usage(invited=1, reserved=0)
    assert (await due_times(invitation))[1] == clock.now() + 30 * MINUTE
    clock.move(31 * MINUTE)
    assert [message.step for message in await claim_and_stamp(account)] == [2]


async def test_a_step_waits_while_the_previous_one_is_being_sent() -> None:
    account = await make.account()
    await make.invited(await make.location(account, steps=(0, HALF_AN_HOUR)))
    clock.move(HOUR)
    await claim_and_stamp(account)
    await sending.repair_lanes(pool(WORK), clock.now())  # makes the lane look for due messages again
    assert await claim_and_stamp(account) == []


async def test_workers_skip_a_lane_that_another_worker_is_claiming_from() -> None:
    account = await make.account()
    await make.invited(await make.location(account, steps=(0,)))
    outside = copy_context()  # so that pool(WORK) is not the transaction below
    async with transaction(WORK):
        assert account.id in await claimed_accounts()
        others = await asyncio.create_task(claimed_accounts(), context=outside)
    assert account.id not in others


async def claimed_accounts() -> list[UUID]:
    """Claims all due messages and returns their accounts."""
    limits = {"max_messages": 20_000, "max_lanes": 2_000}
    rows = await sending.claim(pool(WORK), uuid4(), clock.now(), **limits, lease_seconds=60)
    return [row.account_id for row in rows]


async def test_unexpired_leases_are_not_reaped() -> None:
    account, worker = await make.account(), uuid4()
    location = await make.location(account, steps=(0,))
    invitations = [await make.invited(location) for _ in range(2)]
    rows = await sending.claim(pool(WORK), worker, clock.now(), max_messages=20_000, max_lanes=2_000, lease_seconds=60)
    first = [row for row in rows if row.invitation_id == invitations[0]]
    await sending.stamp(pool(WORK), first, worker, clock.now(), lease_seconds=60)
    await sending.reap(clock.now())
    assert [await message_states(one) for one in invitations] == [[MessageState.SENDING], [MessageState.CLAIMED]]


async def test_a_step_waits_until_the_previous_one_has_been_retried() -> None:
    account = await make.account()
    await make.invited(await make.location(account, steps=(0, HALF_AN_HOUR)))
    await settle(await claim_and_stamp(account), MessageState.DEFERRED)
    clock.move(3 * MINUTE)
    assert await claim_and_stamp(account) == []
    clock.move(HOUR)
    (again,) = await claim_and_stamp(account)
    assert (again.step, again.attempts) == (1, 2)


async def test_the_step_after_an_unknown_one_is_sent_on_time() -> None:
    account = await make.account()
    await make.invited(await make.location(account, steps=(0, HALF_AN_HOUR)))
    await settle(await claim_and_stamp(account), MessageState.UNKNOWN)
    clock.move(HOUR)
    await sending.repair_lanes(pool(WORK), clock.now())
    assert [message.step for message in await claim_and_stamp(account)] == [2]


async def test_each_step_is_sent_after_its_delay_and_not_before() -> None:
    account = await make.account()
    await make.invited(await make.location(account, steps=(0, 3, 7)))
    assert await deliver(account, MessageState.SENT) == [1]
    for delay, step in ((3 * DAY, 2), (4 * DAY, 3)):
        clock.move(delay - MINUTE)
        assert await deliver(account, MessageState.SENT) == []
        clock.move(MINUTE)
        assert await deliver(account, MessageState.SENT) == [step]


async def test_a_message_claimed_after_hours_waits_for_the_next_morning() -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,), email_from_hour=9, email_until_hour=19)
    invitation = await make.invited(location)
    clock.move(8 * HOUR)  # 19:00 in Berlin
    assert await claim_and_stamp(account) == []
    assert (await message_states(invitation), await due_times(invitation)) == (
        [MessageState.SCHEDULED],
        [clock.now() + 14 * HOUR],
    )
    clock.move(14 * HOUR)
    assert len(await claim_and_stamp(account)) == 1


async def test_a_message_without_allowance_is_retried_in_a_minute() -> None:
    account = await make.account(anchor_day=5)
    invitation = await make.invited(await make.location(account, steps=(0,)))
    clock.move(20 * HOUR)  # into the next cycle, without moving the reservation
    assert await claim_and_stamp(account) == []
    assert (await message_states(invitation), await due_times(invitation)) == (
        [MessageState.SCHEDULED],
        [clock.now() + MINUTE],
    )


async def test_messages_suppressed_or_stopped_after_the_claim_are_not_stamped() -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,))
    person, worker = make.person(), uuid4()
    await make.invited(location, person)
    stopped, going = await make.invited(location), await make.invited(location)
    rows = await sending.claim(pool(WORK), worker, clock.now(), max_messages=50, lease_seconds=60)
    async with transaction() as tx:
        reason = SuppressionReason.CUSTOMER_ASKED
        await suppress(tx, account.id, [(Channel.EMAIL, person.email or "")], reason, make.MEMBER, clock.now())
    await stop(stopped)
    stamped = await sending.stamp(pool(WORK), rows, worker, clock.now(), lease_seconds=60)
    assert [row.invitation_id for row in rows if row.id in stamped] == [going]


async def test_a_suppression_prevents_the_stamp_even_if_the_invitation_is_still_queued() -> None:
    account, ann = await make.account(), make.person()
    invitation = await make.invited(await make.location(account, steps=(0,)), ann)
    await make.suppressed(account, ann.email)
    assert await claim_and_stamp(account) == []
    assert await state_and_reason(invitation) == ("QUEUED", None)


async def test_suppressions_of_other_accounts_and_channels_have_no_effect() -> None:
    account, ann = await make.account(), make.person()
    await make.invited(await make.location(account, steps=(0,)), ann)
    await make.suppressed(await make.account(), ann.email)
    await make.suppressed(account, ann.email, Channel.SMS)
    assert len(await claim_and_stamp(account)) == 1


async def test_messages_are_not_stamped_if_their_lane_was_held_after_the_claim() -> None:
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


@pytest.mark.parametrize(("offset", "sends"), [(timedelta(), False), (-INSTANT, True)])
async def test_the_window_closes_exactly_on_the_hour(offset: timedelta, sends: bool) -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,), email_from_hour=9, email_until_hour=19)
    await make.invited(location)
    clock.move(8 * HOUR + offset)  # 19:00 in Berlin
    assert len(await claim_and_stamp(account)) == sends


@pytest.mark.parametrize(("offset", "sends"), [(timedelta(), True), (-INSTANT, False)])
async def test_the_window_opens_exactly_on_the_hour(offset: timedelta, sends: bool) -> None:
    account = await make.account()
    clock.move(-2 * HOUR + offset)  # 9:00 in Berlin
    location = await make.location(account, steps=(0,))
    await make.invited(location)
    await models.Location.filter(id=location.id).update(email_from_hour=9, email_until_hour=19)
    assert len(await claim_and_stamp(account)) == sends


async def test_deferred_messages_are_retried_with_backoff() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0,)))
    for minutes in (5, 15, 45, 120, 240, 240):
        assert await deliver(account, MessageState.DEFERRED) == [1]
        assert await due_times(invitation) == [clock.now() + minutes * MINUTE]
        clock.move(minutes * MINUTE)
    assert [kind for kind, _ in await events(invitation)] == ["INVITED", "DEFERRED"]


async def test_deferred_messages_fail_after_a_day() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account))
    await deliver(account, MessageState.DEFERRED)
    clock.move(DAY - MINUTE)
    await deliver(account, MessageState.DEFERRED)
    assert await state_and_reason(invitation) == ("QUEUED", None)
    clock.move(4 * HOUR)
    await deliver(account, MessageState.DEFERRED)
    assert await state_and_reason(invitation) == ("FAILED", "RETRIES_EXHAUSTED")
    assert await message_states(invitation) == [MessageState.FAILED] + 3 * [MessageState.SKIPPED]
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)


@pytest.mark.parametrize(("age", "state"), [(DAY - INSTANT, MessageState.DEFERRED), (DAY, MessageState.FAILED)])
async def test_deferred_messages_fail_after_exactly_a_day(age: timedelta, state: MessageState) -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0,)))
    await deliver(account, MessageState.DEFERRED)
    clock.move(age)
    await deliver(account, MessageState.DEFERRED)
    assert await message_states(invitation) == [state]


async def test_a_tenant_with_many_lanes_does_not_delay_one_with_a_single_message() -> None:
    many, one = await make.account(), await make.account()
    for _ in range(12):
        await make.invited(await make.location(many, steps=(0,)))
    clock.move(timedelta(minutes=1))
    await make.invited(await make.location(one, steps=(0,)))
    rows = await sending.claim(pool(WORK), uuid4(), clock.now(), max_messages=20, max_lanes=4, lease_seconds=60)
    assert Counter(row.account_id for row in rows) == {many.id: 3, one.id: 1}


async def test_a_failed_message_fails_the_invitation_and_returns_its_reservation() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account))
    await deliver(account, MessageState.FAILED)
    assert await state_and_reason(invitation) == ("FAILED", "NO_USABLE_CHANNEL")
    assert await message_states(invitation) == [MessageState.FAILED] + 3 * [MessageState.SKIPPED]
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)


async def test_a_failed_message_fails_the_invitation_if_no_other_channel_has_steps_left() -> None:
    account = await make.account()
    person = make.person(phone="+4915112345678")
    invitation = await make.invited(await make.location(account, steps=(0,)), person)
    await models.Invitation.filter(id=invitation).update(channels=[Channel.EMAIL, Channel.SMS])
    await deliver(account, MessageState.FAILED)
    assert await state_and_reason(invitation) == ("FAILED", "NO_USABLE_CHANNEL")


async def test_claims_of_a_lost_worker_are_undone() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0,)))
    await sending.claim(pool(WORK), uuid4(), clock.now(), max_messages=50, lease_seconds=-1)
    await sending.reap(clock.now())
    assert await message_states(invitation) == [MessageState.SCHEDULED]
    (again,) = await claim_and_stamp(account)
    assert again.attempts == 1


async def test_messages_stamped_by_a_lost_worker_become_unknown_and_are_not_retried() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0,)))
    await claim_and_stamp(account, lease_seconds=-1)
    await sending.reap(clock.now())
    assert await message_states(invitation) == [MessageState.UNKNOWN]
    clock.move(HOUR)
    assert await claim_and_stamp(account) == []
    assert await make.usage(account) == make.Usage(invited=0, reserved=1)


async def test_a_worker_lost_after_a_stop_leaves_a_reservation_since_it_may_have_sent() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0,)))
    await claim_and_stamp(account, lease_seconds=-1)
    await stop(invitation)
    await sending.reap(clock.now())
    assert await make.usage(account) == make.Usage(invited=0, reserved=1)


async def test_an_answer_to_an_unknown_message_marks_it_as_sent() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, goals=[]))
    (message,) = await claim_and_stamp(account)
    await settle([message], MessageState.UNKNOWN)
    for _ in range(2):
        async with transaction(WORK) as tx:
            await answers.score(tx, message.id, 9, clock.now())
    assert (await models.Message.get(id=message.id)).state is MessageState.SENT
    assert (await models.Invitation.get(id=invitation)).state == "ACTIVE"
    assert await make.usage(account) == make.Usage(invited=1, reserved=0)
