"""How the delivery loop finds out whether the relay can be used, before a message is due and after the relay was down."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from delivery import health
from delivery.health import Health, RefusedError
from delivery.links import Links, LinkSigner
from delivery.render import Writer
from delivery.sender import Sender
from delivery.smtp import Relay
from tests import factories as make
from tests.delivery.scripted_smtp import HANG, ScriptedSmtp
from tests.years import set_unused_year

pytestmark = pytest.mark.usefixtures("db")
WAIT_SECONDS = 20.0


@pytest.fixture(autouse=True)
def unused_year() -> None:
    set_unused_year()


class Reports:
    """What a sender reports about its relay."""

    def __init__(self) -> None:
        self.seen: list[BaseException | None] = []
        self._more = asyncio.Event()

    def __call__(self, error: BaseException | None) -> None:
        self.seen.append(error)
        self._more.set()

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while len(self.seen) < count:
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def sending_to(port: int, reports: Reports) -> AsyncIterator[Sender]:
    """A running sender, stopped at the end."""
    links = Links("https://example.com", LinkSigner(("secret" * 8,)))
    sender = Sender(Relay("127.0.0.1", port), Writer(links), uuid4(), health=Health(reports))
    stop = asyncio.Event()
    task = asyncio.create_task(sender.run(stop))
    try:
        yield sender
    finally:
        stop.set()
        await task


async def due_messages(count: int) -> None:
    location = await make.location(await make.account(), steps=(0,))
    for _ in range(count):
        await make.invited(location)


async def test_an_unusable_relay_is_reported_before_a_message_is_due() -> None:
    reports = Reports()
    async with ScriptedSmtp({"connect": "554 5.7.1 not you"}).running() as relay, sending_to(relay.port, reports):
        await reports.wait_for(3)
    assert all("not you" in str(error) for error in reports.seen)


async def test_the_first_contact_takes_one_connection() -> None:
    reports = Reports()
    async with ScriptedSmtp({"connect": HANG}).running() as relay, sending_to(relay.port, reports):
        await due_messages(8)
        async with asyncio.timeout(WAIT_SECONDS):
            while not relay.connections:
                await asyncio.sleep(0.01)
        await asyncio.sleep(1)  # several turns of the loop
        assert relay.connections == 1


async def test_a_stop_beside_a_silent_greeting_takes_no_time() -> None:
    async with ScriptedSmtp({"connect": HANG}).running() as relay:
        async with sending_to(relay.port, Reports()):
            async with asyncio.timeout(WAIT_SECONDS):
                while not relay.connections:
                    await asyncio.sleep(0.01)
            began = time.monotonic()
        assert time.monotonic() - began < 2


async def test_a_relay_that_comes_up_later_gets_the_messages() -> None:
    reports, relay = Reports(), ScriptedSmtp({"connect": "421 4.3.2 starting"})
    async with relay.running(), sending_to(relay.port, reports):
        await due_messages(3)
        await reports.wait_for(2)
        assert relay.accepted == []
        relay.replies = {}
        async with asyncio.timeout(WAIT_SECONDS):
            while len(relay.accepted) < 3:
                await asyncio.sleep(0.01)
    assert reports.seen[-1] is None


async def test_a_relay_that_refuses_every_message_is_tried_with_growing_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SHORTEST_PAUSE", 0.05)
    reports, relay = Reports(), ScriptedSmtp({"MAIL": "530 5.7.0 authentication required"})
    async with relay.running(), sending_to(relay.port, reports) as sender:
        await due_messages(20)
        async with asyncio.timeout(WAIT_SECONDS):
            while sender.health.pause < 0.7:
                await asyncio.sleep(0.01)
        refused = [error for error in reports.seen if error is not None]
        assert 4 <= len(refused) <= 10
        assert all(isinstance(error, RefusedError) and "authentication required" in str(error) for error in refused)
        relay.replies = {}
        async with asyncio.timeout(WAIT_SECONDS):
            while len(relay.accepted) < 20:
                await asyncio.sleep(0.01)
        assert (sender.health.is_down, reports.seen[-1]) == (False, None)


async def test_a_relay_that_takes_nothing_of_many_messages_is_down_until_it_takes_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "SHORTEST_PAUSE", 0.05)
    reports, relay = Reports(), ScriptedSmtp({"RCPT": "450 4.3.2 Client host rejected: Try again later"})
    async with relay.running(), sending_to(relay.port, reports) as sender:
        await due_messages(health.IN_A_ROW + 5)
        async with asyncio.timeout(WAIT_SECONDS):
            while not isinstance(sender.health.error, RefusedError):
                await asyncio.sleep(0.01)
        assert sender.health.reply == "450 4.3.2 Client host rejected: Try again later"
        relay.replies = {}
        location = await make.location(await make.account(), steps=(0,))
        await make.invited(location)
        async with asyncio.timeout(WAIT_SECONDS):
            while sender.health.is_down:
                await asyncio.sleep(0.01)
    assert (len(relay.accepted) >= 1, reports.seen[-1]) == (True, None)


async def test_one_message_at_a_time_tries_a_relay_that_refuses_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SHORTEST_PAUSE", 0.3)
    relay = ScriptedSmtp({"MAIL": "530 5.7.0 authentication required"})
    async with relay.running(), sending_to(relay.port, Reports()) as sender:
        for _ in range(6):
            await due_messages(3)
        async with asyncio.timeout(WAIT_SECONDS):
            while sender.health.pause < 1:
                await asyncio.sleep(0.01)
        # Four connections with a message each, and one more each that was on its way; then one for each pause.
        assert len(relay.senders) <= 4 + 4 + 3
        relay.replies = {}
        async with asyncio.timeout(WAIT_SECONDS):
            while len(relay.accepted) < 18:
                await asyncio.sleep(0.01)
