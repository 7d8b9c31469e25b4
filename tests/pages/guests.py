"""Somebody who was sent a message: the links in it, what the pages make of them, and what is known of it afterwards."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import httpx

import models
from delivery.links import Links, LinkSigner, Purpose
from models.clock import clock
from models.commands import outcomes
from models.commands.invite import Person
from models.commands.outcomes import Outcome
from models.connection import WORK, fetch, pool, transaction
from models.reads.operation import Reads
from models.reads.timeline import OF_INVITATION, EventRow, pages
from models.rules.enums import ActivityKind, MessageState
from plaudit.app import create_app
from tests import factories as make
from tests.gateway import SECRET, settings

MINUTE = timedelta(minutes=1)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BROWSER = {"user-agent": FIREFOX, "accept-language": "en"}
_SIGNER = LinkSigner((SECRET,))


@dataclass(frozen=True)
class Guest:
    location: models.Location
    invitation_id: UUID
    message_id: UUID
    given_at: datetime

    @property
    def review(self) -> str:
        return Links("", _SIGNER).review(self.message_id, self.given_at)

    @property
    def unsubscribe(self) -> str:
        return Links("", _SIGNER).unsubscribe(self.message_id, self.given_at)

    @property
    def picture(self) -> str:
        return Links("", _SIGNER).opened(self.message_id, self.given_at)

    async def state(self) -> tuple[str, str | None]:
        row = await models.Invitation.get(id=self.invitation_id)
        return str(row.state), row.state_reason

    async def events(self) -> list[EventRow]:
        """What the person did, as the timeline shows it; the latest first."""
        found = await pages(Reads(), OF_INVITATION, [self.invitation_id], 50)
        before = (ActivityKind.INVITED, ActivityKind.SENT)
        return [event for _, event in found[self.invitation_id] if event.kind not in before]

    async def told(self) -> list[tuple[str, str]]:
        return [(str(event.kind), str(event.actor_kind)) for event in await self.events()]

    async def suppressed(self) -> list[str]:
        """Addresses that this account must not write to any more."""
        rows = await fetch(
            pool(WORK), "select address from suppression where account_id = $1", self.location.account_id
        )
        return [row["address"] for row in rows]


async def guest(whom: Person | None = None, **given: object) -> Guest:
    """Of a location of their own (`given`: what is special about it), with the first message sent a minute ago."""
    return await guest_of(await make.location(await make.account(), **given), whom)  # type: ignore[arg-type]


async def guest_of(location: models.Location, whom: Person | None = None) -> Guest:
    somebody = whom or make.person()
    invitation = await make.invited(location, somebody)
    message = await models.Message.get(invitation_id=invitation, step=1)
    await models.Message.filter(id=message.id).update(state=MessageState.SENDING, recipient=somebody.email)
    async with transaction(WORK) as tx:
        await outcomes.settle(tx, [Outcome(message.id, MessageState.SENT, clock.now(), "250 OK")])
    clock.move(MINUTE)
    return Guest(location, invitation, message.id, clock.now())


def forged(link: str) -> str:
    """The same with another letter in the signature."""
    return link[:-6] + ("A" if link[-6] != "A" else "B") + link[-5:]


def other_purpose(purpose: Purpose, link: str) -> str:
    return f"/{purpose}/" + link.rpartition("/")[2]


def gateway_on(database_url: str) -> httpx.AsyncClient:
    """A gateway asked from within this task, whose open database is the one that it reads."""
    transport = httpx.ASGITransport(create_app(settings(database_url)))
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=BROWSER)
