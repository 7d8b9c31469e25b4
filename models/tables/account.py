"""Accounts, their users and memberships, and the boosts they bought."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.rules.enums import AccountKind, PlanTier, Role
from models.rules.ids import uuid7
from models.rules.plan import PlanFacts, facts_of

ISSUER = "plaudit"
"""The issuer of tokens signed by Plaudit."""


class Account(Model):
    id = fields.UUIDField(primary_key=True, default=uuid7)
    key = fields.CharField(max_length=80, unique=True)
    name = fields.TextField()
    kind = fields.CharEnumField(AccountKind, max_length=20)
    plan = fields.CharEnumField(PlanTier, max_length=20)
    time_zone = fields.TextField()
    anchor_day = fields.SmallIntField(default=1)
    country = fields.CharField(max_length=2)
    language = fields.CharField(max_length=10)
    agency: fields.ForeignKeyNullableRelation["Account"] = fields.ForeignKeyField(
        "models.Account", related_name="clients", null=True
    )
    agency_id: UUID | None
    overrides: dict[str, Any] = fields.JSONField(default=dict)
    open_tracking = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "account"
        table_description = "The tenant"

    @property
    def facts(self) -> PlanFacts:
        return facts_of(self.plan, self.overrides)


class User(Model):
    """Identified by the issuer and subject of a token."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    issuer = fields.CharField(max_length=255)
    subject = fields.CharField(max_length=255)
    name = fields.TextField()
    email = fields.TextField()

    class Meta(Model.Meta):
        table = "app_user"
        table_description = "Somebody with a token"
        unique_together = (("issuer", "subject"),)


class Membership(Model):
    """If `all_locations` is false, only the locations in membership_location; if `all_clients` is false, only the clients
    in membership_client."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="memberships")
    account_id: UUID
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="memberships")
    user_id: UUID
    role = fields.CharEnumField(Role, max_length=10)
    all_locations = fields.BooleanField(default=True)
    all_clients = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "membership"
        table_description = "A user's role in an account"
        unique_together = (("account_id", "user_id"),)


class Boost(Model):
    """Additional invitations for one cycle; they expire when it ends."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="boosts")
    account_id: UUID
    key = fields.CharField(max_length=80)
    cycle_starts_on = fields.DateField()
    invitations = fields.IntField()

    class Meta(Model.Meta):
        table = "boost"
        table_description = "Invitations bought for one cycle"
        unique_together = (("account_id", "key"),)
