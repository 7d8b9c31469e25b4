"""Stop and restart, also while a worker is sending."""

from datetime import timedelta

import pytest

import models
from models.clock import clock
from models.commands import upkeep
from models.connection import WORK, transaction
from models.rules.enums import Channel, InvitationState, MessageState, StopReason
from models.rules.errors import AllowanceExceeded, Suppressed
from models.rules.privacy import half_hidden
from tests import factories as make
from tests.bulk_import.imports import add_sms_step
from tests.models.commands.deliveries import (
    claim_and_stamp,
    deliver,
    due_times,
    events,
    message_states,
    restart,
    settle,
    state_and_reason,
    stop,
)
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def test_a_stop_keeps_the_remaining_delay() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0, 3)))
    await deliver(account, MessageState.SENT)
    clock.move(DAY)
    await stop(invitation)
    clock.move(30 * DAY)
    await restart(invitation)
    assert (await due_times(invitation))[1] == clock.now() + 2 * DAY
    assert await state_and_reason(invitation) == ("ACTIVE", None)


async def test_a_restart_without_allowance_is_refused_and_changes_nothing() -> None:
    account = await make.account(overrides={"invitations": 1})
    location = await make.location(account)
    invitation = await make.invited(location)
    await stop(invitation)
    await make.invited(location)
    with pytest.raises(AllowanceExceeded):
        await restart(invitation)
    assert await state_and_reason(invitation) == ("STOPPED", "OTHER")
    assert set(await message_states(invitation)) == {MessageState.PAUSED}


async def test_time_while_stopped_does_not_count_towards_the_retry_limit() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0,)))
    await deliver(account, MessageState.DEFERRED)
    await stop(invitation)
    clock.move(HOUR)
    assert await claim_and_stamp(account) == []
    clock.move(3 * DAY)
    await restart(invitation)
    clock.move(HOUR)
    assert await deliver(account, MessageState.DEFERRED) == [1]
    assert await state_and_reason(invitation) == ("QUEUED", None)
    assert await message_states(invitation) == [MessageState.DEFERRED]


async def test_a_restart_fails_if_the_message_failed_while_stopped() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account))
    messages = await claim_and_stamp(account)
    await stop(invitation)
    await settle(messages, MessageState.FAILED)
    assert await state_and_reason(invitation) == ("STOPPED", "OTHER")
    await restart(invitation)
    assert await state_and_reason(invitation) == ("FAILED", "NO_USABLE_CHANNEL")
    history = await events(invitation)
    assert [kind for kind, _ in history] == ["INVITED", "STOPPED", "FAILED", "RESTARTED", "FAILED"]
    assert history[-1] == ("FAILED", "NO_USABLE_CHANNEL")
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)


async def test_a_restart_with_no_steps_left_waits_for_the_answer_to_the_last_one() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0, 3), answer_window_days=10))
    await deliver(account, MessageState.SENT)
    clock.move(3 * DAY)
    messages = await claim_and_stamp(account)
    await stop(invitation)
    await settle(messages, MessageState.FAILED)
    await restart(invitation)
    assert await state_and_reason(invitation) == ("ACTIVE", None)
    clock.move(7 * DAY)
    async with transaction(WORK) as tx:
        await upkeep.finish_sequences(tx, clock.now())
    assert await state_and_reason(invitation) == ("COMPLETED", "SEQUENCE_FINISHED")


@pytest.mark.parametrize("state", [InvitationState.QUEUED, InvitationState.STOPPED, InvitationState.COMPLETED])
async def test_a_stop_at_the_customers_request_suppresses_the_address_in_any_state(
    state: InvitationState,
) -> None:
    account, ann = await make.account(), make.person()
    location = await make.location(account, cool_down_days=0)
    invitation = await make.invited(location, ann)
    await models.Invitation.filter(id=invitation).update(state=state)
    await stop(invitation, StopReason.CUSTOMER_ASKED)
    hint = half_hidden(Channel.EMAIL, ann.email or "")
    assert await models.Suppression.filter(account_id=account.id, hint=hint).count() == 1
    await models.Invitation.filter(id=invitation).update(state=InvitationState.COMPLETED)
    with pytest.raises(Suppressed):
        await make.invited(location, ann)


async def test_a_customers_wish_replaces_another_reason_of_a_stop_and_is_told_once() -> None:
    invitation = await make.invited(await make.location(await make.account()))
    await stop(invitation)
    stopped_at = (await models.Invitation.get(id=invitation)).state_changed_at
    clock.move(HOUR)
    for _ in range(2):
        await stop(invitation, StopReason.CUSTOMER_ASKED)
    assert await state_and_reason(invitation) == ("STOPPED", "CUSTOMER_ASKED")
    assert (await models.Invitation.get(id=invitation)).state_changed_at == stopped_at
    assert (await events(invitation))[1:] == [("STOPPED", "OTHER"), ("UNSUBSCRIBED", "CUSTOMER_ASKED")]


async def test_a_customers_wish_after_the_end_is_told_once_and_the_invitation_stays_as_it_is() -> None:
    invitation = await make.invited(await make.location(await make.account()))
    await models.Invitation.filter(id=invitation).update(state="COMPLETED", state_reason="REVIEWED")
    for _ in range(2):
        await stop(invitation, StopReason.CUSTOMER_ASKED)
    assert await state_and_reason(invitation) == ("COMPLETED", "REVIEWED")
    assert (await events(invitation))[1:] == [("UNSUBSCRIBED", "CUSTOMER_ASKED")]


async def test_no_other_reason_replaces_that_of_a_stop() -> None:
    invitation = await make.invited(await make.location(await make.account()))
    await stop(invitation, StopReason.CUSTOMER_ASKED)
    await stop(invitation, StopReason.DISPUTE)
    assert await state_and_reason(invitation) == ("STOPPED", "CUSTOMER_ASKED")
    assert [kind for kind, _ in await events(invitation)] == ["INVITED", "STOPPED"]


async def test_an_invitation_stopped_at_the_customers_request_cannot_be_restarted() -> None:
    invitation = await make.invited(await make.location(await make.account()))
    await stop(invitation, StopReason.CUSTOMER_ASKED)
    with pytest.raises(Suppressed):
        await restart(invitation)
    assert await state_and_reason(invitation) == ("STOPPED", "CUSTOMER_ASKED")


async def test_a_restart_skips_a_channel_suppressed_while_stopped() -> None:
    account, ann = await make.account(), make.person(phone="+4915112345678")
    location = await add_sms_step(await make.location(account, steps=(0,)), number=2)
    invitation = await make.invited(location, ann, channels=[Channel.EMAIL, Channel.SMS])
    await stop(invitation)
    await make.suppressed(account, ann.email)
    await restart(invitation)
    assert await message_states(invitation) == [MessageState.SKIPPED, MessageState.SCHEDULED]
