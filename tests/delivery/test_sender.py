"""The delivery loop with a real relay: one tenant's problems do not affect others."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

import models
from delivery import health
from delivery.links import Links, LinkSigner
from delivery.render import Writer
from delivery.sender import Sender
from delivery.smtp import Relay
from models.clock import clock
from models.commands import outcomes, sending
from models.commands.outcomes import Outcome
from models.connection import WORK, fetch, pool, transaction
from models.rules.enums import ActivityKind, HoldReason, InvitationState, MessageState
from tests import factories as make
from tests.delivery.scripted_smtp import DROP, ScriptedSmtp
from tests.delivery.senders import OTHER, WAIT_SECONDS, deliver, sender_to, states, tenant
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
MINUTE = timedelta(minutes=1)
REFUSED = "refused@example.com"
NO = {f"MAIL {REFUSED}": "550 5.7.1 sender not allowed"}


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


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


async def test_a_message_that_cannot_be_rendered_waits_and_the_others_are_sent(relay: ScriptedSmtp) -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,))
    await models.Template.filter(location_id=location.id).update(text="{{ last_name|first }} {{ review_url }}")
    nameless = await make.invited(location, make.person(last_name=None))
    for _ in range(25):
        await make.invited(location)
    await deliver(relay)
    assert await states(account) == {MessageState.DEFERRED: 1, MessageState.SENT: 25}
    assert (await models.Invitation.get(id=nameless)).state is InvitationState.QUEUED


async def test_invalid_characters_in_a_reply_are_removed_before_it_is_stored(relay: ScriptedSmtp) -> None:
    _, (invitation,) = await tenant(OTHER, 1)
    await asyncio.wait_for(deliver(relay, {"RCPT": "550 Empf\udce4nger \x00 unbekannt"}), 20)
    row = await models.Message.get(invitation_id=invitation)
    assert (row.state, row.reply) == (MessageState.FAILED, "550 Empf?nger  unbekannt")


async def test_a_relay_that_accepts_two_connections_is_served_by_two(relay: ScriptedSmtp) -> None:
    relay.max_connections = 2
    account, _ = await tenant(OTHER, 200)
    await deliver(relay, rounds=2)
    assert await states(account) == {MessageState.SENT: 200}


@pytest.mark.parametrize(
    "reply",
    [
        {".": "550 5.4.5 quota"},
        {"RCPT": "550 5.4.5 quota"},
        {"RCPT": "554 5.7.1 blocked"},
        {".": "554 5.7.1 spam"},
        {"RCPT": "454 4.7.1 Relay access denied"},
        {"RCPT": "450 4.3.2 Client host rejected: Try again later"},
        {"RCPT": "451 4.3.0 Temporary lookup failure"},
        {"DATA": DROP},
        {"MAIL": "552 5.3.4 Message size exceeds fixed limit"},
    ],
    ids=str,
)
async def test_policies_and_quotas_fail_nobody_and_hold_after_a_day(relay: ScriptedSmtp, reply: dict[str, str]) -> None:
    account, (invitation,) = await tenant(OTHER, 1)
    await deliver(relay, reply)
    row = await models.Message.get(invitation_id=invitation)
    assert (row.state, (await models.Invitation.get(id=invitation)).state) == (
        MessageState.DEFERRED,
        InvitationState.QUEUED,
    )
    for _ in range(26):
        clock.move(60 * MINUTE)
        await sending.repair_lanes(pool(WORK), clock.now())
        await deliver(relay, reply)
        async with transaction(WORK) as tx:
            await sending.hold_overdue(tx, clock.now())
    held = await models.Invitation.get(id=invitation)
    assert (held.state, held.state_reason) == (InvitationState.HELD, HoldReason.OVERDUE)
    assert await states(account) == {MessageState.PAUSED: 1}


async def test_a_refused_login_is_tried_by_one_connection_with_pauses(
    relay: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "SHORTEST_LOGIN_PAUSE", 0.2)
    account, _ = await tenant(OTHER, 40)
    relay.replies = {"EHLO": "250-scripted\r\n250 AUTH PLAIN LOGIN", "AUTH": "535 5.7.8 authentication failed"}
    errors: list[BaseException | None] = []
    delivering = Sender(
        Relay("127.0.0.1", relay.port, username="shop", password="wrong"),
        Writer(Links("https://example.com", LinkSigner(("secret" * 8,)))),
        uuid4(),
        health=health.Health(errors.append),
    )
    stop = asyncio.Event()
    task = asyncio.create_task(delivering.run(stop))
    async with asyncio.timeout(WAIT_SECONDS):
        while len(errors) < 5:
            await asyncio.sleep(0.01)
    stop.set()
    await task
    assert delivering.health.pause > 1
    assert await states(account) == {MessageState.SCHEDULED: 40}


async def test_an_answer_that_comes_after_the_lease_corrects_unknown(relay: ScriptedSmtp) -> None:
    account, (invitation,) = await tenant(OTHER, 1)
    await models.Message.filter(invitation_id=invitation).update(state="UNKNOWN")
    row = await models.Message.get(invitation_id=invitation)
    for state in (MessageState.DEFERRED, MessageState.SENT):
        async with transaction(WORK) as tx:
            await outcomes.settle(tx, [Outcome(row.id, state, clock.now(), worker=uuid4())])
        assert await states(account) == {state: 1}
        await models.Message.filter(invitation_id=invitation).update(state="UNKNOWN")


async def test_an_answer_of_a_worker_that_lost_the_message_changes_nothing(relay: ScriptedSmtp) -> None:
    account, (invitation,) = await tenant(OTHER, 1)
    await models.Message.filter(invitation_id=invitation).update(state="SENDING", worker=uuid4())
    row = await models.Message.get(invitation_id=invitation)
    async with transaction(WORK) as tx:
        await outcomes.settle(tx, [Outcome(row.id, MessageState.SCHEDULED, clock.now(), worker=uuid4())])
    assert await states(account) == {MessageState.SENDING: 1}


async def test_a_message_that_was_claimed_twice_is_marked_once(relay: ScriptedSmtp) -> None:
    await tenant(OTHER, 1)
    delivering = sender_to(relay)
    (message,) = await sending.claim(
        pool(WORK), delivering.ledger.worker, clock.now(), max_messages=1, lease_seconds=60
    )
    mark = delivering.ledger.mark
    assert sorted(await asyncio.gather(mark(message), mark(message))) == [False, True]
    assert await mark(message) is False
