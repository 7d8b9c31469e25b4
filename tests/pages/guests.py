"""A customer who was sent a message: its links, and what was recorded after opening them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import httpx

import models
from delivery.links import Links, LinkSigner, Purpose
from models.clock import clock
from models.commands import outcomes
from models.commands.intake import Person
from models.commands.outcomes import Outcome
from models.connection import WORK, fetch, pool, transaction
from models.reads.operation import Reads
from models.reads.timeline import OF_INVITATION, EventRow, pages
from models.rules.enums import ActivityKind, MessageState
from plaudit.app import create_app
from tests import factories as make
from tests import gateway

MINUTE = timedelta(minutes=1)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BROWSER = {"user-agent": FIREFOX, "accept-language": "en"}
_SIGNER = LinkSigner((gateway.SECRET,))


@dataclass(frozen=True)
class Guest:
    location: models.Location
    invitation_id: UUID
    message_id: UUID
    issued_at: datetime

    @property
    def review(self) -> str:
        return Links("", _SIGNER).review(self.message_id, self.issued_at)

    @property
    def unsubscribe(self) -> str:
        return Links("", _SIGNER).unsubscribe(self.message_id, self.issued_at)

    @property
    def pixel(self) -> str:
        return Links("", _SIGNER).opened(self.message_id, self.issued_at)

    async def state(self) -> tuple[str, str | None]:
        row = await models.Invitation.get(id=self.invitation_id)
        return str(row.state), row.state_reason

    async def events(self) -> list[EventRow]:
        """The customer's events as in the timeline, newest first."""
        found = await pages(Reads(), OF_INVITATION, [self.invitation_id], 50)
        sending = (ActivityKind.INVITED, ActivityKind.SENT)
        return [event for _, event in found[self.invitation_id] if event.kind not in sending]

    async def actions(self) -> list[tuple[str, str]]:
        """The kind and actor of each event, newest first."""
        return [(str(event.kind), str(event.actor_kind)) for event in await self.events()]

    async def suppressed(self) -> list[str]:
        """The account's suppressed addresses, half hidden."""
        rows = await fetch(pool(WORK), "select hint from suppression where account_id = $1", self.location.account_id)
        return [row["hint"] for row in rows]


async def create_guest(person: Person | None = None, **settings: object) -> Guest:
    """A guest of a new location with these settings, whose first message was sent a minute ago."""
    return await create_guest_at(await make.location(await make.account(), **settings), person)  # type: ignore[arg-type]


async def create_guest_at(location: models.Location, person: Person | None = None) -> Guest:
    person = person or make.person()
    invitation = await make.invited(location, person)
    message = await models.Message.get(invitation_id=invitation, step=1)
    await models.Message.filter(id=message.id).update(state=MessageState.SENDING, recipient=person.email)
    async with transaction(WORK) as tx:
        await outcomes.settle(tx, [Outcome(message.id, MessageState.SENT, clock.now(), "250 OK")])
    clock.move(MINUTE)
    return Guest(location, invitation, message.id, clock.now())


def forged(link: str) -> str:
    """The link with one character of its signature changed."""
    return link[:-6] + ("A" if link[-6] != "A" else "B") + link[-5:]


def other_purpose(purpose: Purpose, link: str) -> str:
    return f"/{purpose}/" + link.rpartition("/")[2]


def gateway_on(database_url: str) -> httpx.AsyncClient:
    """A client of a gateway that runs in this task and uses its database connections."""
    transport = httpx.ASGITransport(create_app(gateway.settings(database_url)))
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=BROWSER)
