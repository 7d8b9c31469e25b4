"""From a due message to its stamp and its outcome, one step after the other."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

import models
from models import outcomes, sending
from models.clock import clock
from models.connection import WORK, pool, transaction
from models.enums import MessageState
from models.outcomes import Outcome
from models.sending import Claimed
from tests import factories as make

pytestmark = pytest.mark.usefixtures("db")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HALF_AN_HOUR = 1 / 48


@pytest.fixture(autouse=True)
def a_morning_in_may() -> None:
    clock.set(datetime(2026, 5, 4, 9, tzinfo=UTC))


async def claimed(of: models.Account) -> list[Claimed]:
    """Of this account alone: the database is shared with other tests."""
    worker = uuid4()
    rows = await sending.claim(pool(WORK), worker, clock.now(), most_messages=50, lease_seconds=60)
    mine = [row for row in rows if row.account_id == of.id]
    stamped = await sending.stamp(pool(WORK), mine, worker, clock.now(), lease_seconds=60)
    async with transaction(WORK) as tx:
        await sending.release(tx, worker)
    return [row for row in mine if row.id in stamped]


async def settle(messages: Sequence[Claimed], became: MessageState) -> None:
    async with transaction(WORK) as tx:
        await outcomes.settle(tx, [Outcome(one.id, became, clock.now(), "said") for one in messages])


async def due(invitation: UUID) -> list[datetime]:
    rows = await models.Message.filter(invitation_id=invitation).order_by("step")
    return [row.due_at for row in rows]


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
