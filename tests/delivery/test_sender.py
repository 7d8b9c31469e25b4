"""The delivery loop with a real relay: one tenant's problems do not affect others."""

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
def unused_year() -> None:
    set_unused_year()


@pytest.fixture
async def relay() -> AsyncIterator[ScriptedSmtp]:
    async with ScriptedSmtp().running() as server:
        yield server


def sender_to(relay: ScriptedSmtp) -> Sender:
    links = Links("https://example.com", LinkSigner(("secret" * 8,)))
    return Sender(SmtpTransport(Relay("127.0.0.1", relay.port)), links, uuid4())


async def deliver(relay: ScriptedSmtp, replies: Mapping[str, str] | None = None, rounds: int = 3) -> list[str]:
    """Runs a few rounds of a worker, and returns the senders that the relay saw."""
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


async def states(account: models.Account) -> Counter[MessageState]:
    return Counter([row.state for row in await models.Message.filter(account_id=account.id)])


async def test_a_sender_refused_by_the_relay_does_not_delay_other_tenants(relay: ScriptedSmtp) -> None:
    refused, waiting = await tenant(REFUSED, 30)
    healthy, _ = await tenant(OTHER, 200)
    tried = Counter(await deliver(relay, NO, rounds=8))
    assert (len(relay.accepted), tried[OTHER]) == (200, 200)
    assert await states(healthy) == {MessageState.SENT: 200}
    assert await states(refused) == {MessageState.SCHEDULED: 30}
    rows = await models.Invitation.filter(id__in=waiting)
    assert {row.state for row in rows} == {InvitationState.QUEUED}
    assert await make.usage(refused) == make.Usage(invited=0, reserved=30)


async def test_a_refused_sender_does_not_end_the_round_for_others(relay: ScriptedSmtp) -> None:
    await tenant(REFUSED, 5)
    healthy, _ = await tenant(OTHER, 40)
    await deliver(relay, NO, rounds=1)
    assert await states(healthy) == {MessageState.SENT: 40}


async def test_a_message_claimed_after_hours_is_rescheduled_at_once(relay: ScriptedSmtp) -> None:
    account, (invitation,) = await tenant(OTHER, 1)
    await models.Location.filter(account_id=account.id).update(email_from_hour=14, email_until_hour=15)
    await deliver(relay, rounds=1)
    row = await models.Message.get(invitation_id=invitation)
    assert (row.state, row.due_at, relay.accepted) == (MessageState.SCHEDULED, clock.now() + timedelta(hours=3), [])


async def test_an_outcome_waits_for_a_blocked_database(
    relay: ScriptedSmtp, db: str, caplog: pytest.LogCaptureFixture
) -> None:
    account, _ = await tenant(OTHER, 1)
    other = await asyncpg.connect(db)
    async with other.transaction():
        await other.execute("select 1 from account where id = $1 for update", account.id)
        delivering = asyncio.create_task(deliver(relay, rounds=1))
        async with asyncio.timeout(30):
            while "outcomes wait" not in caplog.text:
                await asyncio.sleep(0.1)
    await asyncio.wait_for(delivering, 30)
    await other.close()
    assert await states(account) == {MessageState.SENT: 1}


async def test_a_refused_sender_is_retried_after_one_two_and_four_minutes(relay: ScriptedSmtp) -> None:
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


async def test_held_back_messages_are_sent_once_the_relay_accepts_their_sender(relay: ScriptedSmtp) -> None:
    account, _ = await tenant(REFUSED, 30)
    await deliver(relay, NO)
    clock.move(MINUTE)
    await deliver(relay)
    clock.move(MINUTE)
    await deliver(relay)
    assert await states(account) == {MessageState.SENT: 30}
    assert await make.usage(account) == make.Usage(invited=30, reserved=0)
    assert await refusals(account) == 0


async def refusals(account: models.Account) -> int:
    (row,) = await fetch(pool(WORK), "select refusals from lane where account_id = $1", account.id)
    return int(row["refusals"])


async def test_the_timeline_shows_the_relays_refusal_once(relay: ScriptedSmtp) -> None:
    _, (invitation,) = await tenant(REFUSED, 1)
    for _ in range(3):
        await deliver(relay, NO)
        clock.move(60 * MINUTE)
    (event,) = await models.ActivityEvent.filter(invitation_id=invitation, kind=ActivityKind.DEFERRED)
    assert event.reason == "550 5.7.1 sender not allowed"


async def test_messages_held_back_for_a_day_are_held_as_overdue(relay: ScriptedSmtp) -> None:
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


async def test_a_relay_that_is_down_does_not_count_as_an_attempt(relay: ScriptedSmtp) -> None:
    account, (invitation,) = await tenant(OTHER, 1)
    await deliver(relay, {"connect": "421 later"})
    row = await models.Message.get(invitation_id=invitation)
    assert (row.state, row.attempts) == (MessageState.SCHEDULED, 0)
    await deliver(relay)
    assert await states(account) == {MessageState.SENT: 1}


async def test_a_message_that_cannot_be_rendered_fails_and_the_others_are_sent(relay: ScriptedSmtp) -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,))
    await models.Template.filter(location_id=location.id).update(text="{{ last_name.split().pop() }} {{ review_url }}")
    nameless = await make.invited(location, make.person(last_name=None))
    for _ in range(25):
        await make.invited(location)
    await deliver(relay)
    assert await states(account) == {MessageState.FAILED: 1, MessageState.SENT: 25}
    assert (await models.Invitation.get(id=nameless)).state is InvitationState.FAILED


async def test_invalid_characters_in_a_reply_are_removed_before_it_is_stored(relay: ScriptedSmtp) -> None:
    _, (invitation,) = await tenant(OTHER, 1)
    await asyncio.wait_for(deliver(relay, {"RCPT": "550 Empf\udce4nger \x00 unbekannt"}), 20)
    row = await models.Message.get(invitation_id=invitation)
    assert (row.state, row.reply) == (MessageState.FAILED, "550 Empf?nger  unbekannt")


class Broken(SmtpTransport):
    """Fails with an unexpected error."""

    async def send(self, envelope: Envelope) -> Answer:
        raise RuntimeError


async def test_unstamped_claims_are_released_after_a_failed_round(relay: ScriptedSmtp) -> None:
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
