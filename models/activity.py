"""What happened, never changed afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.account import Account
from models.connection import Db, execute, statement
from models.customer import Customer
from models.enums import ActivityKind, ActorKind, Channel
from models.ids import uuid7
from models.location import Location


class ActivityEvent(Model):
    """`actor`: the name of the member who did it. `reason`: a code of the state it led to, or what the relay said."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField("models.Location", related_name=False)
    location_id: UUID
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField("models.Customer", related_name=False)
    customer_id: UUID
    invitation_id: UUID | None = fields.UUIDField(null=True)
    message_id: UUID | None = fields.UUIDField(null=True)
    platform_id: UUID | None = fields.UUIDField(null=True)
    kind = fields.CharEnumField(ActivityKind, max_length=30)
    occurred_at: datetime = fields.DatetimeField()
    channel = fields.CharEnumField(Channel, max_length=10, null=True)
    nps_score: int | None = fields.SmallIntField(null=True)
    feedback: str | None = fields.TextField(null=True)
    actor: str | None = fields.TextField(null=True)
    actor_kind = fields.CharEnumField(ActorKind, max_length=20)
    reason: str | None = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "activity_event"
        table_description = "What happened"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it; a name only for a member of the account."""

    kind: ActorKind
    name: str | None = None


SYSTEM = Actor(ActorKind.SYSTEM)
HUMAN = Actor(ActorKind.HUMAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event on its way into the table."""

    account_id: UUID
    location_id: UUID
    customer_id: UUID
    invitation_id: UUID | None
    kind: ActivityKind
    occurred_at: datetime
    actor: Actor
    message_id: UUID | None = None
    platform_id: UUID | None = None
    channel: Channel | None = None
    nps_score: int | None = None
    feedback: str | None = None
    reason: str | None = None


async def record(tx: Db, events: Sequence[Event]) -> None:
    """Adds events, in the transaction of what they tell of."""
    if not events:
        return
    columns = [
        [event.account_id for event in events],
        [event.location_id for event in events],
        [event.customer_id for event in events],
        [event.invitation_id for event in events],
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
    ]
    await execute(tx, statement("events_add"), *columns)
