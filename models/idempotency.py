"""Keys under which a command is done once: the same key with the same input answers as the first time did, for 24 hours."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.account import Account
from models.ids import uuid7


class IdempotencyKey(Model):
    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    mutation = fields.CharField(max_length=60)
    key = fields.TextField()
    fingerprint = fields.CharField(max_length=64)
    answer = fields.JSONField(null=True)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "idempotency_key"
        table_description = "A command that was done"
        unique_together = (("account_id", "mutation", "key"),)
