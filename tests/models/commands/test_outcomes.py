"""UNKNOWN messages: their invitation ends with the answer window, and evidence that they were sent settles them."""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import pytest

import models
from models.clock import clock
from models.commands import answers, outcomes, upkeep
from models.connection import WORK, transaction
from models.rules.enums import ActorKind, MessageState
from tests import factories as make
from tests.models.commands.deliveries import (
    claim_and_stamp,
    deliver,
    events,
    message_states,
    restart,
    set_allowance,
    settle,
    state_and_reason,
    stop,
)
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def finish() -> None:
    async with transaction(WORK) as tx:
        await upkeep.finish_sequences(tx, clock.now())


async def reserved_until_the_reset(account: models.Account, sent_at: datetime) -> None:
    """The reservation of what may have been sent is kept as long as it can be charged to its cycle."""
    assert await make.usage(account, sent_at) == make.Usage(invited=0, reserved=1)
    clock.move(32 * DAY)
    await upkeep.roll_reservations(clock.now())
    assert await make.usage(account, sent_at) == make.Usage(invited=0, reserved=0)


async def test_an_invitation_whose_only_message_is_unknown_ends_with_its_answer_window() -> None:
    account = await make.account(overrides={"invitations": 1})
    invitation = await make.invited(await make.location(account, steps=(0,), answer_window_days=10))
    await deliver(account, MessageState.UNKNOWN)
    clock.move(10 * DAY - timedelta(minutes=1))
    await finish()
    assert await state_and_reason(invitation) == ("QUEUED", None)
    clock.move(timedelta(minutes=1))
    await finish()
    assert await state_and_reason(invitation) == ("COMPLETED", "SEQUENCE_FINISHED")
    await reserved_until_the_reset(account, clock.now() - 10 * DAY)


async def test_an_unknown_last_message_starts_the_answer_window() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0, 3), answer_window_days=10))
    await deliver(account, MessageState.SENT)
    clock.move(3 * DAY)
    await deliver(account, MessageState.UNKNOWN)
    clock.move(9 * DAY)
    await finish()
    assert await state_and_reason(invitation) == ("ACTIVE", None)
    clock.move(DAY)
    await finish()
    assert await state_and_reason(invitation) == ("COMPLETED", "SEQUENCE_FINISHED")


async def test_an_invitation_held_at_a_reset_ends_even_if_its_message_is_unknown() -> None:
    account = await make.account(overrides={"invitations": 1}, anchor_day=5)
    invitation = await make.invited(await make.location(account, steps=(0,), answer_window_days=40))
    await deliver(account, MessageState.UNKNOWN)
    await set_allowance(account, 0)
    clock.move(DAY)
    await upkeep.roll_reservations(clock.now())
    assert await state_and_reason(invitation) == ("HELD", "ALLOWANCE")
    clock.move(40 * DAY)
    await finish()
    assert await state_and_reason(invitation) == ("COMPLETED", "SEQUENCE_FINISHED")


async def test_confirming_an_unknown_message_marks_it_as_sent_and_charges_it_once() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0, 3)))
    (message,) = await claim_and_stamp(account)
    await settle([message], MessageState.UNKNOWN)
    sent_at = clock.now()
    clock.move(DAY)
    for _ in range(2):
        async with transaction(WORK) as tx:
            await outcomes.confirm_sent(tx, message.id)
    assert await state_and_reason(invitation) == ("ACTIVE", None)
    assert await message_states(invitation) == [MessageState.SENT, MessageState.SCHEDULED]
    assert await make.usage(account, sent_at) == make.Usage(invited=1, reserved=0)
    assert [kind for kind, _ in await events(invitation)] == ["INVITED", "SENT"]


@pytest.mark.parametrize("use", ["opened", "clicked", "unsubscribe", "unsubscribe_seen"])
async def test_any_use_of_a_link_proves_that_an_unknown_message_was_sent(use: str) -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0, 3)))
    (message,) = await claim_and_stamp(account)
    await settle([message], MessageState.UNKNOWN)
    kind = [ActorKind.LIKELY_MACHINE] if use in ("opened", "clicked") else []
    async with transaction(WORK) as tx:
        await getattr(answers, use)(tx, message.id, *kind, clock.now())
    assert (await message_states(invitation))[0] is MessageState.SENT
    assert (await make.usage(account)).invited == 1


async def test_an_unknown_message_fails_when_a_late_refusal_arrives() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0, 3)))
    (message,) = await claim_and_stamp(account)
    await settle([message], MessageState.UNKNOWN)
    await settle([message], MessageState.FAILED)
    assert await message_states(invitation) == [MessageState.FAILED, MessageState.SKIPPED]
    assert await state_and_reason(invitation) == ("FAILED", "NO_USABLE_CHANNEL")
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)


async def test_confirming_affects_only_unknown_messages() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0,)))
    (message,) = await claim_and_stamp(account)
    for state in (MessageState.SENDING, MessageState.FAILED):
        async with transaction(WORK) as tx:
            await outcomes.confirm_sent(tx, message.id)
        assert await message_states(invitation) == [state]
        await settle([message], MessageState.FAILED)


async def test_an_invitation_stopped_while_its_message_is_unknown_ends_after_a_restart() -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0,), answer_window_days=10))
    (message,) = await claim_and_stamp(account)
    await stop(invitation)
    await settle([message], MessageState.UNKNOWN)
    assert await make.usage(account) == make.Usage(invited=0, reserved=1)
    clock.move(10 * DAY)
    await finish()
    assert await state_and_reason(invitation) == ("STOPPED", "OTHER")
    await restart(invitation)
    assert await make.usage(account) == make.Usage(invited=0, reserved=1)
    await finish()
    assert await state_and_reason(invitation) == ("COMPLETED", "SEQUENCE_FINISHED")
    await reserved_until_the_reset(account, clock.now() - 10 * DAY)


async def until_a_transaction_waits(db: str) -> None:
    """Waits until a transaction is blocked by a lock."""
    watcher = await asyncpg.connect(db)
    waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while not await watcher.fetchval(waits):
            await asyncio.sleep(0.02)
    await watcher.close()


async def test_an_invitation_stopped_while_its_answer_window_closes_stays_stopped(db: str) -> None:
    account = await make.account()
    invitation = await make.invited(await make.location(account, steps=(0,), answer_window_days=10))
    await deliver(account, MessageState.SENT)
    clock.move(10 * DAY)
    other = await asyncpg.connect(db)
    async with other.transaction():
        await other.execute("select 1 from account where id = $1 for update", account.id)
        finishing = asyncio.create_task(finish())
        await until_a_transaction_waits(db)
        await other.execute("update invitation set state = 'STOPPED', state_reason = 'OTHER' where id = $1", invitation)
    await asyncio.wait_for(finishing, 10)
    await other.close()
    assert await state_and_reason(invitation) == ("STOPPED", "OTHER")
