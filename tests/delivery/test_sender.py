"""The delivery loop, from due rows through a real relay and back: one tenant's trouble is nobody else's."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

import models
from delivery.links import Links, LinkSigner
from delivery.sender import Sender
from delivery.smtp import Relay, SmtpTransport
from delivery.transport import Answer, Envelope
from models.clock import clock
from models.commands import sending
from models.connection import WORK, fetch, pool, transaction
from models.rules.enums import ActivityKind, HoldReason, InvitationState, MessageState
from tests import factories as make
from tests.delivery.scripted_smtp import ScriptedSmtp
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
MINUTE = timedelta(minutes=1)
REFUSED, OTHER = "refused@example.com", "welcome@example.com"
NO = {f"MAIL {REFUSED}": "550 5.7.1 sender not allowed"}


@pytest.fixture(autouse=True)
def season() -> None:
    set_unused_year()


@pytest.fixture
async def relay() -> AsyncIterator[ScriptedSmtp]:
    async with ScriptedSmtp().running() as server:
        yield server


def sender_to(relay: ScriptedSmtp) -> Sender:
    links = Links("https://example.com", LinkSigner(("secret" * 8,)))
    return Sender(SmtpTransport(Relay("127.0.0.1", relay.port)), links, uuid4())


async def deliver(relay: ScriptedSmtp, replies: Mapping[str, str] | None = None, rounds: int = 3) -> list[str]:
    """Some rounds of a worker; the senders that it named to the relay."""
    relay.replies, before = replies or {}, len(relay.senders)
    sender = sender_to(relay)
    for _ in range(rounds):
        await sender.round()
    await sender.transport.close()
    return relay.senders[before:]


async def tenant(sender_email: str, invitations: int) -> tuple[models.Account, list[UUID]]:
    account = await make.account()
    location = await make.location(account, steps=(0,), sender_email=sender_email)
    return account, [await make.invited(location) for _ in range(invitations)]


async def states(of: models.Account) -> Counter[MessageState]:
    return Counter([row.state for row in await models.Message.filter(account_id=of.id)])


async def test_a_sender_that_the_relay_refuses_keeps_no_other_tenant_waiting(relay: ScriptedSmtp) -> None:
    refused, waiting = await tenant(REFUSED, 30)
    healthy, _ = await tenant(OTHER, 200)
    tried = Counter(await deliver(relay, NO, rounds=8))
    assert (len(relay.accepted), tried[OTHER]) == (200, 200)
    assert await states(healthy) == {MessageState.SENT: 200}
    assert await states(refused) == {MessageState.SCHEDULED: 30}
    rows = await models.Invitation.filter(id__in=waiting)
    assert {row.state for row in rows} == {InvitationState.QUEUED}
    assert await make.usage(refused) == make.Usage(invited=0, reserved=30)


async def test_a_refused_sender_ends_no_round_for_the_others(relay: ScriptedSmtp) -> None:
    await tenant(REFUSED, 5)
    healthy, _ = await tenant(OTHER, 40)
    await deliver(relay, NO, rounds=1)
    assert await states(healthy) == {MessageState.SENT: 40}


async def test_what_comes_up_after_hours_goes_back_at_once(relay: ScriptedSmtp) -> None:
    account, (invitation,) = await tenant(OTHER, 1)
    await models.Location.filter(account_id=account.id).update(email_from_hour=14, email_until_hour=15)
    await deliver(relay, rounds=1)
    row = await models.Message.get(invitation_id=invitation)
    assert (row.state, row.due_at, relay.accepted) == (MessageState.SCHEDULED, clock.now() + timedelta(hours=3), [])


async def test_an_outcome_waits_for_a_database_that_is_held_up(
    relay: ScriptedSmtp, db: str, caplog: pytest.LogCaptureFixture
) -> None:
    account, _ = await tenant(OTHER, 1)
    other = await asyncpg.connect(db)
    async with other.transaction():
        await other.execute("select 1 from account where id = $1 for update", account.id)
        delivering = asyncio.create_task(deliver(relay, rounds=1))
        async with asyncio.timeout(30):
            while "outcomes are kept" not in caplog.text:
                await asyncio.sleep(0.1)
    await asyncio.wait_for(delivering, 30)
    await other.close()
    assert await states(account) == {MessageState.SENT: 1}


async def test_a_refused_sender_is_tried_again_after_a_minute_then_two_then_four(relay: ScriptedSmtp) -> None:
    await tenant(REFUSED, 3)
    assert await deliver(relay, NO)
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
        clock.move(minutes * MINUTE - timedelta(seconds=1))
        await sending.repair_lanes(pool(WORK), clock.now())
        assert await deliver(relay, NO) == []
        clock.move(timedelta(seconds=1))
        assert REFUSED in await deliver(relay, NO)


async def test_a_new_invitation_does_not_wake_a_lane_that_is_held_back(relay: ScriptedSmtp) -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,), sender_email=REFUSED)
    await make.invited(location)
    await deliver(relay, NO)
    await make.invited(location)
    clock.move(timedelta(seconds=50))
    assert await deliver(relay, NO) == []


async def test_what_was_held_back_goes_out_when_the_relay_takes_its_sender_again(relay: ScriptedSmtp) -> None:
    account, _ = await tenant(REFUSED, 30)
    await deliver(relay, NO)
    clock.move(MINUTE)
    await deliver(relay)
    clock.move(MINUTE)
    await deliver(relay)
    assert await states(account) == {MessageState.SENT: 30}
    assert await make.usage(account) == make.Usage(invited=30, reserved=0)
    assert await refusals(account) == 0


async def refusals(of: models.Account) -> int:
    (row,) = await fetch(pool(WORK), "select refusals from lane where account_id = $1", of.id)
    return int(row["refusals"])


async def test_the_timeline_tells_once_what_the_relay_said_of_the_sender(relay: ScriptedSmtp) -> None:
    _, (invitation,) = await tenant(REFUSED, 1)
    for _ in range(3):
        await deliver(relay, NO)
        clock.move(60 * MINUTE)
    (told,) = await models.ActivityEvent.filter(invitation_id=invitation, kind=ActivityKind.DEFERRED)
    assert told.reason == "550 5.7.1 sender not allowed"


async def test_what_was_held_back_for_a_day_is_held_as_overdue(relay: ScriptedSmtp) -> None:
    account, (invitation,) = await tenant(REFUSED, 1)
    for _ in range(26):
        await deliver(relay, NO)
        clock.move(60 * MINUTE)
        await sending.repair_lanes(pool(WORK), clock.now())
        async with transaction(WORK) as tx:
            await sending.hold_overdue(tx, clock.now())
    row = await models.Invitation.get(id=invitation)
    assert (row.state, row.state_reason) == (InvitationState.HELD, HoldReason.OVERDUE)
    assert await make.usage(account) == make.Usage(invited=0, reserved=0)


async def test_a_relay_that_is_down_costs_a_message_no_try(relay: ScriptedSmtp) -> None:
    account, (invitation,) = await tenant(OTHER, 1)
    await deliver(relay, {"connect": "421 later"})
    row = await models.Message.get(invitation_id=invitation)
    assert (row.state, row.attempts) == (MessageState.SCHEDULED, 0)
    await deliver(relay)
    assert await states(account) == {MessageState.SENT: 1}


async def test_a_message_that_cannot_be_written_fails_and_the_queue_behind_it_moves(relay: ScriptedSmtp) -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,))
    await models.Template.filter(location_id=location.id).update(text="{{ last_name.split().pop() }} {{ review_url }}")
    nameless = await make.invited(location, make.person(last_name=None))
    for _ in range(25):
        await make.invited(location)
    await deliver(relay)
    assert await states(account) == {MessageState.FAILED: 1, MessageState.SENT: 25}
    assert (await models.Invitation.get(id=nameless)).state is InvitationState.FAILED


async def test_a_reply_that_is_no_text_is_kept_as_far_as_it_is(relay: ScriptedSmtp) -> None:
    _, (invitation,) = await tenant(OTHER, 1)
    await asyncio.wait_for(deliver(relay, {"RCPT": "550 Empf\udce4nger \x00 unbekannt"}), 20)
    row = await models.Message.get(invitation_id=invitation)
    assert (row.state, row.reply) == (MessageState.FAILED, "550 Empf?nger  unbekannt")


class Broken(SmtpTransport):
    """Its first message meets a defect that nobody thought of."""

    async def send(self, envelope: Envelope) -> Answer:
        raise RuntimeError


async def test_after_a_round_that_broke_what_was_taken_up_and_not_stamped_goes_back(relay: ScriptedSmtp) -> None:
    account, _ = await tenant(OTHER, 25)
    sender, stop = sender_to(relay), asyncio.Event()
    sender.transport = Broken(Relay("127.0.0.1", relay.port))
    running = asyncio.create_task(sender.run(stop))
    async with asyncio.timeout(20):
        while not sender.pause or (await states(account))[MessageState.CLAIMED]:
            await asyncio.sleep(0.01)
    sender.transport = SmtpTransport(Relay("127.0.0.1", relay.port))
    async with asyncio.timeout(20):
        while (await states(account))[MessageState.SENT] < 5:
            await asyncio.sleep(0.01)
    stop.set()
    await running
    assert await states(account) == {MessageState.SENDING: 20, MessageState.SENT: 5}
