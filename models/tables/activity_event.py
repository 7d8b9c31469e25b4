"""Activity events of customers; append-only."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.rules.enums import ActivityKind, ActorKind, Channel
from models.rules.ids import uuid7
from models.tables.account import Account
from models.tables.customer import Customer
from models.tables.location import Location


class ActivityEvent(Model):
    """`actor` is the name of the member who acted. `reason` is the code of the resulting state, or the relay's reply."""

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
