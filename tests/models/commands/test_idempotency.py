"""How long a key stands for its first answer: for 24 hours, to the instant."""

from datetime import timedelta
from uuid import UUID

import pytest

import models
from models.clock import clock
from models.commands import idempotency
from models.commands.idempotency import Key
from models.connection import WORK, pool, transaction
from models.rules.errors import Refusal
from tests import factories as make
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
A_DAY, INSTANT = timedelta(hours=24), timedelta(microseconds=1)
FIRST, SECOND, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
AGES = [(A_DAY - INSTANT, FIRST), (A_DAY, FIRST), (A_DAY + INSTANT, SECOND)]


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def ask(of: models.Account, answer: UUID, key: str = "one") -> UUID:
    """The answer under the key; `answer` when the work is done now."""
    given = Key(of.id, "work", key, "fingerprint")
    async with transaction() as tx:
        done = await idempotency.begin(tx, given, clock.now())
        assert not isinstance(done, Refusal)
        if done is None:
            await idempotency.finish(tx, given, answer)
        return done or answer


@pytest.mark.parametrize(("age", "answer"), AGES)
async def test_a_key_answers_as_the_first_time_for_a_day(age: timedelta, answer: UUID) -> None:
    account = await make.account()
    assert await ask(account, FIRST) == FIRST
    clock.move(age)
    assert await ask(account, SECOND) == answer


@pytest.mark.parametrize(("age", "answer"), AGES)
async def test_upkeep_removes_keys_that_are_older_and_no_other(age: timedelta, answer: UUID) -> None:
    account = await make.account()
    await ask(account, FIRST)
    clock.move(age)
    await idempotency.prune(pool(WORK), clock.now())
    assert await models.IdempotencyKey.filter(account_id=account.id).count() == (1 if answer == FIRST else 0)


async def test_a_key_begins_a_new_day_when_it_is_used_again_after_the_first() -> None:
    account = await make.account()
    await ask(account, FIRST)
    clock.move(A_DAY + INSTANT)
    assert await ask(account, SECOND) == SECOND
    clock.move(A_DAY)
    assert await ask(account, THIRD) == SECOND


async def test_a_key_that_expired_leaves_other_keys_as_they_are() -> None:
    account = await make.account()
    for key in ("one", "two"):
        await ask(account, FIRST, key)
    other = await make.account()
    await ask(other, FIRST)
    clock.move(A_DAY + INSTANT)
    await ask(account, SECOND)
    assert await models.IdempotencyKey.filter(account_id__in=[account.id, other.id]).count() == 3
