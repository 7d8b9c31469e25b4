"""Test messages: sent once, tried again only if they certainly did not leave."""

import asyncio
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from uuid import UUID

import pytest

import models
from delivery.bounces import BounceAddresses
from delivery.health import Health
from delivery.links import NOBODY, Purpose
from delivery.render import Writer
from delivery.send_test import SendTests
from delivery.smtp import Relay
from models.clock import clock
from models.commands import jobs, send_test
from models.commands.send_test import MOST_TRIES, NewTest
from models.connection import WORK, execute, fetch_one, pool, transaction
from tests import factories as make
from tests.delivery.drafts import LINKS
from tests.delivery.scripted_smtp import DROP, HANG, ScriptedSmtp
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


async def asked() -> tuple[models.User, UUID]:
    """A member, and the key of the test message that they asked for."""
    account = await make.account()
    location = await make.location(account, name="Bakery", language="de")
    await models.Template.filter(location_id=location.id).update(language="de")
    who, step = await make.member(account), await models.SequenceStep.get(location_id=location.id, number=1)
    async with transaction(WORK) as tx:
        new = NewTest(account.id, location.id, step.template_id, 1, who.id)
        return who, await send_test.send_test(tx, new, clock.now())


async def work(relay: ScriptedSmtp, key: UUID, seconds: float = 30.0, health: Health | None = None) -> None:
    bounces = BounceAddresses("bounces@example.org", ("s" * 32,))
    await SendTests(Relay("127.0.0.1", relay.port), Writer(LINKS, bounces), health or Health(), seconds).send(key.hex)


async def due_in(key: UUID) -> timedelta | None:
    row = await fetch_one(pool(WORK), "select due_at from test_message where id = $1", key)
    assert row is not None
    return None if row["due_at"] is None else row["due_at"] - clock.now()


async def is_sent(key: UUID) -> bool:
    row = await fetch_one(pool(WORK), "select sent_at from test_message where id = $1", key)
    return row is not None and row["sent_at"] is not None


async def test_it_goes_to_the_member_with_a_mark_and_links_that_record_nothing(relay: ScriptedSmtp) -> None:
    who, key = await asked()
    await work(relay, key)
    (raw,) = relay.accepted
    mail = message_from_bytes(raw, policy=default)
    assert (str(mail["Subject"]), relay.recipients) == ("Probe: How was Bakery?", [who.email])
    token = str(mail["List-Unsubscribe"]).strip("<>").rpartition("/")[2]
    link = LINKS.signer.read(Purpose.UNSUBSCRIBE, token, clock.now())
    assert link is not None
    assert link.message_id == NOBODY
    assert b"/o/" not in raw
    assert await is_sent(key)


async def test_a_second_job_sends_nothing(relay: ScriptedSmtp) -> None:
    _, key = await asked()
    for _ in range(2):
        await work(relay, key)
    assert len(relay.accepted) == 1


@pytest.mark.parametrize(
    "replies",
    [{"connect": "421 busy"}, {"MAIL": "550 5.7.1 no"}, {"RCPT": "451 4.7.1 greylisted"}, {".": "451 4.3.0 later"}],
)
async def test_what_did_not_leave_is_tried_again_after_growing_pauses(
    relay: ScriptedSmtp, replies: dict[str, str]
) -> None:
    _, key = await asked()
    relay.replies, pauses = replies, []
    while (pause := await due_in(key)) is not None:
        pauses.append(pause)
        clock.move(pause)
        await work(relay, key)
    assert pauses == [timedelta(), *(timedelta(minutes=2**n) for n in range(MOST_TRIES - 1))]
    assert relay.accepted == []


@pytest.mark.parametrize("replies", [{".": DROP}, {"RCPT": "550 5.1.1 no such user"}])
async def test_what_may_have_left_and_what_never_can_is_not_tried_again(
    relay: ScriptedSmtp, replies: dict[str, str]
) -> None:
    _, key = await asked()
    relay.replies = replies
    await work(relay, key)
    assert (await due_in(key), await is_sent(key)) == (None, False)


@pytest.mark.parametrize(("stage", "is_tried_again"), [("connect", True), (".", False)])
async def test_a_silent_relay_does_not_keep_the_job_for_long(
    relay: ScriptedSmtp, stage: str, *, is_tried_again: bool
) -> None:
    _, key = await asked()
    relay.replies = {stage: HANG}
    await asyncio.wait_for(work(relay, key, seconds=0.5), 20)
    assert (await due_in(key) is not None) == is_tried_again


async def jobs_after_losing_all(now: datetime) -> set[str]:
    """The keys with a job, after every job was lost and upkeep has run."""
    await execute(pool(WORK), "delete from jobs.pgqueuer where entrypoint = $1", send_test.JOB)
    async with transaction(WORK) as tx:
        await send_test.enqueue_due(tx, now)
    return await jobs.keys(pool(WORK), send_test.JOB)


async def test_a_lost_job_is_enqueued_again_unless_it_was_tried(relay: ScriptedSmtp) -> None:
    _, key = await asked()
    assert key.hex in await jobs_after_losing_all(clock.now())
    await work(relay, key)
    assert key.hex not in await jobs_after_losing_all(clock.now())


async def test_old_test_messages_are_deleted() -> None:
    _, key = await asked()
    await send_test.prune(pool(WORK), clock.now() + send_test.KEPT)
    assert await due_in(key) == timedelta()
    await send_test.prune(pool(WORK), clock.now() + send_test.KEPT + timedelta(seconds=1))
    assert await fetch_one(pool(WORK), "select 1 from test_message where id = $1", key) is None


async def test_while_the_relay_is_down_no_connection_is_tried(relay: ScriptedSmtp) -> None:
    _, key = await asked()
    health = Health()
    health.failed(ConnectionRefusedError(), connected=0)
    await work(relay, key, health=health)
    assert (relay.connections, await due_in(key)) == (0, timedelta(minutes=1))
