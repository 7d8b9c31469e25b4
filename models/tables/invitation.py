"""Invitations: each is one run of a sequence for one customer."""

from datetime import date, datetime
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from models.rules.enums import InvitationState
from models.rules.ids import uuid7
from models.tables.account import Account
from models.tables.customer import Customer
from models.tables.location import Location


class Invitation(Model):
    """`reserved_cycle` is the cycle whose allowance it reserves. `first_sent_at` is when it was charged."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField("models.Location", related_name=False)
    location_id: UUID
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField("models.Customer", related_name=False)
    customer_id: UUID
    bulk_import_id: UUID | None = fields.UUIDField(null=True)
    state = fields.CharEnumField(InvitationState, max_length=20)
    state_reason = fields.CharField(max_length=40, null=True)
    state_changed_at = fields.DatetimeField()
    channels: list[str] = ArrayField(element_type="text")
    taken_in_at = fields.DatetimeField()
    first_sent_at: datetime | None = fields.DatetimeField(null=True)
    invited_on = fields.DatetimeField()
    answer_until: datetime | None = fields.DatetimeField(null=True)
    reserved_cycle: date | None = fields.DateField(null=True)
    source = fields.TextField()
    import_name: str | None = fields.TextField(null=True)
    employee: str | None = fields.TextField(null=True)
    service: str | None = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "invitation"
        table_description = "One run of a sequence for one customer"
