"""Suppressed addresses, per account: nothing is sent to them. Their keyed hashes are stored, and what people recognize them by."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.rules.enums import Channel, SuppressionReason
from models.rules.ids import uuid7
from models.tables.account import Account


class Suppression(Model):
    """`address_key` is the database's `plaudit_address_key` of the address's `plaudit_mailbox`, and in older rows of the whole
    address; `hint` is the address, half hidden. `actor` is the member who recorded it, `message_id` the message whose
    recipient opted out."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    channel = fields.CharEnumField(Channel, max_length=10)
    address_key = fields.BinaryField()
    hint = fields.TextField()
    reason = fields.CharEnumField(SuppressionReason, max_length=20)
    note: str | None = fields.TextField(null=True)
    actor: str | None = fields.TextField(null=True)
    message_id: UUID | None = fields.UUIDField(null=True)
    created_at: datetime = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "suppression"
        table_description = "An address that must not be written to"
        unique_together = (("account_id", "channel", "address_key"),)


class LiftedSuppression(Model):
    """A suppression that was a mistake. `lifted_by` is the member who removed it, or empty where the person did."""

    id = fields.UUIDField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    channel = fields.CharEnumField(Channel, max_length=10)
    address_key = fields.BinaryField()
    hint = fields.TextField()
    reason = fields.CharEnumField(SuppressionReason, max_length=20)
    created_at: datetime = fields.DatetimeField()
    lifted_at: datetime = fields.DatetimeField()
    lifted_by = fields.TextField()
    lifted_because = fields.TextField()

    class Meta(Model.Meta):
        table = "lifted_suppression"
        table_description = "A suppression that was a mistake"
