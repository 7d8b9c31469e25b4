"""The delivery loop with a relay that is slow or silent: it delays what it is slow about, and a stop waits only a little."""

import asyncio
from datetime import datetime, timedelta

import pytest

import models
from delivery import sender
from models.clock import clock
from models.rules.enums import MessageState
from tests import factories as make
from tests.delivery.scripted_smtp import HANG, ScriptedSmtp
from tests.delivery.senders import OTHER, WAIT_SECONDS, people, running, sender_to, states, tenant, until
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


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
async def test_a_message_of_a_slow_domain_waits_even_if_it_is_the_next_of_a_free_connection(
    relay: ScriptedSmtp,
) -> None:
    slow = [f"{name}@tarpit.example.org" for name in ("one", "two", "three", "four")]
    relay.replies = {f"RCPT {address}": HANG for address in slow}
    account = await make.account()
    location = await make.location(account, steps=(0,))
    others = [f"{name}@{name}.example.org" for name in "abcdefgh"]
    emails = (*slow[:2], *others[:4], *slow[2:], *others[4:])
    invited = [await make.invited(location, make.person(email=email)) for email in emails]
    later = models.Message.filter(invitation_id__in=invited[2:])
    await later.update(due_at=clock.now() + timedelta(hours=1))
    delivering = sender_to(relay)

    async def both_are_slow() -> bool:
        return delivering._replaced == 2

    async def others_are_sent() -> bool:
        return (await states(account))[MessageState.SENT] == len(others)

    async with running(relay, delivering):
        await until(both_are_slow)
        await later.update(due_at=clock.now())
        await models.Lane.filter(location_id=location.id).update(next_due=clock.now())
        await until(others_are_sent)
        assert {address for address in relay.recipients if address in slow} == set(slow[:2])


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
