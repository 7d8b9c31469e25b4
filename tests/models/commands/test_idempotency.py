"""An idempotency key returns its first answer for exactly 24 hours."""

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


async def execute(account: models.Account, answer: UUID, key: str = "one") -> UUID:
    """The answer stored under the key, or `answer` if there was none."""
    idempotency_key = Key(account.id, "work", key, "fingerprint")
    async with transaction() as tx:
        stored = await idempotency.begin(tx, idempotency_key, clock.now())
        assert not isinstance(stored, Refusal)
        if stored is None:
            await idempotency.finish(tx, idempotency_key, answer)
        return stored or answer


@pytest.mark.parametrize(("age", "answer"), AGES)
async def test_a_key_returns_its_first_answer_for_a_day(age: timedelta, answer: UUID) -> None:
    account = await make.account()
    assert await execute(account, FIRST) == FIRST
    clock.move(age)
    assert await execute(account, SECOND) == answer


@pytest.mark.parametrize(("age", "answer"), AGES)
async def test_upkeep_deletes_only_expired_keys(age: timedelta, answer: UUID) -> None:
    account = await make.account()
    await execute(account, FIRST)
    clock.move(age)
    await idempotency.prune(pool(WORK), clock.now())
    assert await models.IdempotencyKey.filter(account_id=account.id).count() == (1 if answer == FIRST else 0)


async def test_reusing_an_expired_key_starts_a_new_day() -> None:
    account = await make.account()
    await execute(account, FIRST)
    clock.move(A_DAY + INSTANT)
    assert await execute(account, SECOND) == SECOND
    clock.move(A_DAY)
    assert await execute(account, THIRD) == SECOND


async def test_replacing_an_expired_key_does_not_affect_other_keys() -> None:
    account = await make.account()
    for key in ("one", "two"):
        await execute(account, FIRST, key)
    other = await make.account()
    await execute(other, FIRST)
    clock.move(A_DAY + INSTANT)
    await execute(account, SECOND)
    assert await models.IdempotencyKey.filter(account_id__in=[account.id, other.id]).count() == 3
