"""The delivery loop with a real relay: one tenant's problems do not affect others."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

import models
from delivery import health, sender
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
from tests.delivery.scripted_smtp import DROP, HANG, ScriptedSmtp
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
MINUTE, WAIT_SECONDS = timedelta(minutes=1), 20.0
REFUSED, OTHER = "refused@example.com", "welcome@example.com"
NO = {f"MAIL {REFUSED}": "550 5.7.1 sender not allowed"}


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


@pytest.fixture
async def relay() -> AsyncIterator[ScriptedSmtp]:
    async with ScriptedSmtp().running() as server:
        yield server


def sender_to(relay: ScriptedSmtp, **given: Any) -> Sender:
    links = Links("https://example.com", LinkSigner(("secret" * 8,)))
    return Sender(Relay("127.0.0.1", relay.port), Writer(links), uuid4(), **given)


async def deliver(relay: ScriptedSmtp, replies: Mapping[str, str] | None = None, rounds: int = 3) -> list[str]:
    """Runs a few rounds of a worker, and returns the senders that the relay saw."""
    relay.replies, before = replies or {}, len(relay.senders)
    delivering = sender_to(relay)
    for _ in range(rounds):
        await delivering.round()
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


@asynccontextmanager
async def running(relay: ScriptedSmtp, **given: Any) -> AsyncIterator[asyncio.Event]:
    """A sender in a loop; yields the event that stops it, and waits until it has stopped."""
    delivering, stop = sender_to(relay, **given), asyncio.Event()
    task = asyncio.create_task(delivering.run(stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(task, WAIT_SECONDS)


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not await true():
            await asyncio.sleep(0.01)


async def people(*names: str) -> tuple[models.Account, models.Location]:
    """An account that has invited people with these names at a domain of their own each."""
    account = await make.account()
    location = await make.location(account, steps=(0,))
    for name in names:
        await make.invited(location, make.person(email=f"{name}@{name}.example.org"))
    return account, location


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "SLOW_SECONDS", 0.1)
    monkeypatch.setattr(sender, "STOP_SECONDS", 0.5)


@pytest.mark.usefixtures("short_waits")
async def test_each_outcome_is_stored_when_its_reply_is_there(relay: ScriptedSmtp) -> None:
    account, _ = await people("slow", "greylisted", "throttled", "dropped", "well")
    relay.replies = {
        "RCPT slow@slow.example.org": HANG,
        "RCPT greylisted@greylisted.example.org": "450 4.2.0 Greylisted",
        "RCPT throttled@throttled.example.org": "454 4.2.1 throttled",
        "RCPT dropped@dropped.example.org": "421 4.7.0 closing",
    }

    async def others_settled() -> bool:
        found = await states(account)
        return found == {MessageState.SENDING: 1, MessageState.DEFERRED: 3, MessageState.SENT: 1}

    async with running(relay):
        await until(others_settled)


@pytest.mark.usefixtures("short_waits")
async def test_slow_recipients_delay_nobody_else(relay: ScriptedSmtp) -> None:
    slow = [f"slow{number}" for number in range(4)]
    account, _ = await people(*slow)
    relay.replies = {f"RCPT {name}@{name}.example.org": HANG for name in slow}

    async def all_slow_are_on_the_wire() -> bool:
        return (await states(account))[MessageState.SENDING] == len(slow)

    async with running(relay):
        await until(all_slow_are_on_the_wire)
        other, _ = await tenant(OTHER, 60)

        async def others_are_sent() -> bool:
            return (await states(other))[MessageState.SENT] == 60

        await until(others_are_sent)
        assert (await states(account))[MessageState.SENT] == 0


@pytest.mark.usefixtures("short_waits")
async def test_a_slow_domain_goes_on_with_half_of_the_connections(relay: ScriptedSmtp) -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,))
    for name in ("slow", *(f"person{number}" for number in range(40))):
        await make.invited(location, make.person(email=f"{name}@large.example.org"))
    relay.replies = {"RCPT slow@large.example.org": HANG}

    async def others_are_sent() -> bool:
        return (await states(account))[MessageState.SENT] == 40

    async with running(relay):
        await until(others_are_sent)


@pytest.mark.usefixtures("short_waits")
async def test_a_stop_returns_what_has_not_reached_its_text(relay: ScriptedSmtp) -> None:
    account, _ = await people("silent", *(f"person{number}" for number in range(30)))
    relay.replies = {"RCPT": HANG}

    async def is_on_the_wire() -> bool:
        return (await states(account))[MessageState.SENDING] == 4

    async with running(relay) as stop:
        await until(is_on_the_wire)
        stop.set()
    assert await states(account) == {MessageState.SCHEDULED: 31}
    assert {row.attempts for row in await models.Message.filter(account_id=account.id)} == {0}


@pytest.mark.usefixtures("short_waits")
async def test_a_stop_leaves_unknown_at_most_what_connections_hold(relay: ScriptedSmtp) -> None:
    account, _ = await people(*(f"person{number}" for number in range(30)))
    relay.replies = {".": HANG}

    async def is_on_the_wire() -> bool:
        return len(relay.accepted) >= 4

    async with running(relay) as stop:
        await until(is_on_the_wire)
        stop.set()
    found = await states(account)
    assert found[MessageState.SCHEDULED] == 30 - found[MessageState.SENDING]
    assert found[MessageState.SENDING] == len(relay.accepted) <= 8


@pytest.mark.usefixtures("short_waits")
async def test_leases_are_renewed_while_the_relay_is_slow(relay: ScriptedSmtp) -> None:
    _, (invitation,) = await tenant(OTHER, 1)
    relay.replies = {".": HANG}
    leases: set[datetime | None] = set()

    async def is_renewed() -> bool:
        row = await models.Message.get(invitation_id=invitation)
        leases.update([row.lease_until] if row.state is MessageState.SENDING else [])
        return len(leases) >= 3

    async with running(relay, lease_seconds=0.3):
        await until(is_renewed)


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
    assert await delivering.ledger._mark([message, message]) == [True, False]
    assert await delivering.ledger._mark([message]) == [False]


@pytest.mark.usefixtures("short_waits")
async def test_an_outcome_does_not_wait_for_the_reset(relay: ScriptedSmtp) -> None:
    account, _ = await tenant(OTHER, 1)
    relay.replies = {"RCPT": "550 5.1.1 user unknown", "RSET": HANG}

    async def is_failed() -> bool:
        return await states(account) == {MessageState.FAILED: 1}

    async with running(relay):
        await until(is_failed)


@pytest.mark.usefixtures("short_waits")
async def test_a_stop_returns_a_message_whose_session_ended(relay: ScriptedSmtp) -> None:
    account, _ = await tenant(OTHER, 1)
    relay.replies = {"MAIL": "421 4.3.2 closing"}
    async with asyncio.timeout(WAIT_SECONDS):
        async with running(relay):
            while not relay.senders:
                await asyncio.sleep(0.01)
            relay.replies, before = {"connect": HANG}, relay.connections
            while relay.connections == before and (await states(account))[MessageState.DEFERRED] == 0:
                await asyncio.sleep(0.01)
    (state,) = await states(account)
    assert state in (MessageState.SCHEDULED, MessageState.DEFERRED)
