"""Idempotency keys and the answers to their first requests."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.rules.ids import uuid7
from models.tables.account import Account


class IdempotencyKey(Model):
    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    mutation = fields.CharField(max_length=60)
    key = fields.TextField()
    fingerprint = fields.CharField(max_length=64)
    answer: dict[str, Any] | None = fields.JSONField(null=True)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "idempotency_key"
        table_description = "A command that was done"
        unique_together = (("account_id", "mutation", "key"),)
