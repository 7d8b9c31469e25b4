"""Between two messages of a connection: what became of the last one is recorded, and the next one is marked, together."""

import pytest

import models
from models.connection import WORK, fetch, pool
from models.rules.enums import MessageState
from tests.delivery.scripted_smtp import ScriptedSmtp
from tests.delivery.senders import OTHER, people, running, sender_to, states, tenant, until
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def transactions(account: models.Account) -> set[str]:
    """The transactions that last changed the account's messages."""
    rows = await fetch(
        pool(WORK), "select distinct xmin::text as number from message where account_id = $1", account.id
    )
    return {row["number"] for row in rows}


async def test_one_transaction_records_a_message_and_marks_the_next_one(relay: ScriptedSmtp) -> None:
    account, _ = await people("one", "other")
    relay.silent_after = 1

    async def second_is_under_way() -> bool:
        return await states(account) == {MessageState.SENT: 1, MessageState.SENDING: 1}

    async with running(relay, connections=1, lease_seconds=600):  # a renewal would be a transaction too
        await until(second_is_under_way)
        assert len(await transactions(account)) == 1
    assert await states(account) == {MessageState.SENT: 1, MessageState.SCHEDULED: 1}


async def test_a_relay_that_hangs_up_after_each_message_gets_all_of_them_once(relay: ScriptedSmtp) -> None:
    account, _ = await tenant(OTHER, 6)
    relay.hangs_up_after_each = True

    async def all_are_sent() -> bool:
        return await states(account) == {MessageState.SENT: 6}

    async with running(relay, connections=2):
        await until(all_are_sent)
    assert list(relay.copies.values()) == [1] * 6
    assert {row.deferred_since for row in await models.Message.filter(account_id=account.id)} == {None}


async def test_a_sender_that_the_relay_has_just_refused_is_not_tried_again_by_the_next_message(
    relay: ScriptedSmtp,
) -> None:
    await tenant("refused@example.com", 3)
    relay.replies = {"MAIL refused@example.com": "550 5.7.1 sender rejected"}
    await sender_to(relay, connections=1).round()
    assert relay.senders == ["refused@example.com"]
