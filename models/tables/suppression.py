"""Suppressed addresses, per account: nothing is sent to them."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.rules.enums import Channel, SuppressionReason
from models.rules.ids import uuid7
from models.tables.account import Account


class Suppression(Model):
    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    channel = fields.CharEnumField(Channel, max_length=10)
    address = fields.TextField()
    reason = fields.CharEnumField(SuppressionReason, max_length=20)
    created_at = fields.DatetimeField()
    message_id: UUID | None = fields.UUIDField(null=True)

    class Meta(Model.Meta):
        table = "suppression"
        table_description = "An address that must not be written to"
        unique_together = (("account_id", "channel", "address"),)
