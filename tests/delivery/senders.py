"""Senders for tests: with a scripted relay, in rounds or in a loop, and the people they write to."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import models
from delivery.links import Links, LinkSigner
from delivery.render import Writer
from delivery.sender import Sender
from delivery.smtp import Relay
from models.rules.enums import MessageState
from tests import factories as make
from tests.delivery.scripted_smtp import ScriptedSmtp

WAIT_SECONDS = 20.0
OTHER = "welcome@example.com"


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


@asynccontextmanager
async def running(relay: ScriptedSmtp, delivering: Sender | None = None, **given: Any) -> AsyncIterator[asyncio.Event]:
    """A sender in a loop; yields the event that stops it, and waits until it has stopped."""
    stop = asyncio.Event()
    task = asyncio.create_task((delivering or sender_to(relay, **given)).run(stop))
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
