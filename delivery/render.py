"""Renders a draft: its template version is filled in, and put into the layout."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from delivery import layout
from delivery.bounces import BounceAddresses
from delivery.dkim import DkimKeys
from delivery.fill import fill
from delivery.headers import headers_of
from delivery.layout import Letterhead
from delivery.letter import letter, one_line
from delivery.links import Links
from delivery.transport import Envelope
from languages import choose
from models.reads.drafts import Draft


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a mail says: subject, text and HTML."""

    subject: str
    text: str
    html: str


def render(draft: Draft, links: Links, now: datetime) -> tuple[Rendered, layout.Links]:
    """What the mail says, and the addresses in it. Raises RenderError."""
    opened = links.opened(draft.id, now) if draft.tracks_opens else None
    addresses = layout.Links(links.review(draft.id, now), links.unsubscribe(draft.id, now), opened)
    head, values = Letterhead.of(draft, addresses), _values(draft, addresses)
    subject = one_line(fill(draft.subject, values))
    preheader = one_line(fill(draft.preheader or "", values))
    body = fill(draft.html, values | {"button": head.button}, html=True)
    text = head.text(fill(draft.text, values))
    return Rendered(subject, text, head.html(subject, preheader, body)), addresses


def _values(draft: Draft, addresses: layout.Links) -> dict[str, Any]:
    return {
        "first_name": draft.first_name or "",
        "last_name": draft.last_name or "",
        "location": draft.sender.location_name,
        "employee": draft.employee or "",
        "service": draft.service or "",
        "review_url": addresses.review,
        "unsubscribe_url": addresses.unsubscribe,
    }


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes e-mails. Without `bounces`, those that cannot be delivered return to the sender's address."""

    links: Links
    bounces: BounceAddresses | None = None
    keys: DkimKeys = field(default_factory=DkimKeys)

    def write(self, draft: Draft, now: datetime) -> Envelope:
        """The envelope of one e-mail. Raises RenderError, or ValueError for an address that is not ASCII."""
        return self._envelope(draft, *render(draft, self.links, now), now)

    def write_test(self, draft: Draft, now: datetime) -> Envelope:
        """The same, with a mark in the subject, and links that record nothing."""
        says, addresses = render(draft, self.links.for_tests(), now)
        subject = choose([draft.language]).mail.test.format(subject=says.subject)
        return self._envelope(draft, replace(says, subject=subject), addresses, now)

    def _envelope(self, draft: Draft, says: Rendered, addresses: layout.Links, now: datetime) -> Envelope:
        headers = headers_of(draft, says.subject, addresses.unsubscribe)
        message = letter(headers, now, f"=_{draft.id.hex}", says.text, says.html)
        sender = draft.sender.email
        returns_to = self.bounces.address(draft.id) if self.bounces else sender
        return Envelope(returns_to, draft.recipient, self.keys.sign(sender.rpartition("@")[2], message, now))
