"""Recording activity events, and notifying those who follow the timelines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.connection import Db, execute, statement
from models.rules.enums import ActivityKind, ActorKind, Channel

CHANNEL = "activity"
"""The channel of NOTIFY. Its payload is the hex of customers' keys, or of accounts' keys, separated by commas."""
MAX_KEYS = 200
"""The number of keys in a notification, which PostgreSQL limits to 8,000 bytes."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted; `name` is set only for members of the account."""

    kind: ActorKind
    name: str | None = None


SYSTEM = Actor(ActorKind.SYSTEM)
HUMAN = Actor(ActorKind.HUMAN)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event belongs to. A review can be matched to a customer without an invitation."""

    account_id: UUID
    location_id: UUID
    customer_id: UUID
    invitation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Event:
    """`reason`: the code of the resulting state, or the relay's reply."""

    subject: Subject
    kind: ActivityKind
    actor: Actor
    occurred_at: datetime
    message_id: UUID | None = None
    channel: Channel | None = None
    platform_id: UUID | None = None
    nps_score: int | None = None
    feedback: str | None = None
    reason: str | None = None


async def record_events(tx: Db, events: Sequence[Event]) -> None:
    """Adds events, in the same transaction as what they describe; notifies subscribers on commit."""
    if not events:
        return
    await execute(
        tx,
        statement("events_add"),
        [event.subject.account_id for event in events],
        [event.subject.location_id for event in events],
        [event.subject.customer_id for event in events],
        [event.subject.invitation_id for event in events],
        [event.message_id for event in events],
        [event.platform_id for event in events],
        [str(event.kind) for event in events],
        [event.occurred_at for event in events],
        [event.channel and str(event.channel) for event in events],
        [event.nps_score for event in events],
        [event.feedback for event in events],
        [event.actor.name for event in events],
        [str(event.actor.kind) for event in events],
        [event.reason for event in events],
        CHANNEL,
        notifications([event.subject for event in events]),
    )


def notifications(subjects: Sequence[Subject]) -> list[str]:
    """The payloads about these events: their customers, or just the accounts if there are many, so that a thousand rows
    send no more than one does."""
    customers = {subject.customer_id for subject in subjects}
    if len(customers) <= MAX_KEYS:
        return _payloads(customers)
    return _payloads({subject.account_id for subject in subjects})


def _payloads(keys: Iterable[UUID]) -> list[str]:
    """In a fixed order: PostgreSQL sends equal payloads of a transaction once."""
    digits = sorted(key.hex for key in keys)
    return [",".join(digits[start : start + MAX_KEYS]) for start in range(0, len(digits), MAX_KEYS)]
