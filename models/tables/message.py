"""Messages and the lanes they are queued in."""

from datetime import datetime, timedelta
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.rules.enums import Channel, HoldReason, MessageState
from models.rules.ids import uuid7
from models.tables.account import Account
from models.tables.interval import IntervalField
from models.tables.invitation import Invitation
from models.tables.location import Location, Template


class Lane(Model):
    """A queue for the messages of a location, or of one import there, with its rate limit and a flag that holds them all.

    `rate` is messages per second. `tokens`, up to `burst`, is how many can be sent at once; below zero the lane is held
    back. `refusals` counts consecutive refusals of its sender by the relay. `quiet_since`: since when the relay has accepted
    none of its messages, and `reply`: the relay's words. The database generates `held_by` and `held_since`: the flag, or
    TRANSPORT_QUIET.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField("models.Location", related_name=False)
    location_id: UUID
    channel = fields.CharEnumField(Channel, max_length=10)
    bulk_import_id: UUID | None = fields.UUIDField(null=True)
    next_due: datetime | None = fields.DatetimeField(null=True)
    rate = fields.FloatField(default=500.0)
    burst = fields.FloatField(default=500.0)
    tokens = fields.FloatField(default=500.0)
    refilled_at = fields.DatetimeField()
    refusals = fields.SmallIntField(default=0)
    flag = fields.CharEnumField(HoldReason, max_length=30, null=True)
    flagged_at: datetime | None = fields.DatetimeField(null=True)
    quiet_since: datetime | None = fields.DatetimeField(null=True)
    reply: str | None = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "lane"
        table_description = "Where messages wait"


class Message(Model):
    """One step of an invitation on one channel; sent at most once.

    `human_at` is the time of the latest human action on its page, `unsubscribe_seen_at` of the latest request for its unsubscribe
    page. `remaining` is the remaining delay of a paused message. `after_seconds` and `at_minute` are those of its step.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField("models.Location", related_name=False)
    location_id: UUID
    lane: fields.ForeignKeyRelation[Lane] = fields.ForeignKeyField("models.Lane", related_name=False)
    lane_id: UUID
    invitation: fields.ForeignKeyRelation[Invitation] = fields.ForeignKeyField("models.Invitation", related_name=False)
    invitation_id: UUID
    template: fields.ForeignKeyRelation[Template] = fields.ForeignKeyField("models.Template", related_name=False)
    template_id: UUID
    step = fields.SmallIntField()
    channel = fields.CharEnumField(Channel, max_length=10)
    after_seconds = fields.IntField()
    at_minute: int | None = fields.SmallIntField(null=True)
    state = fields.CharEnumField(MessageState, max_length=20)
    due_at = fields.DatetimeField()
    remaining: timedelta | None = IntervalField(null=True)
    lease_until: datetime | None = fields.DatetimeField(null=True)
    worker: UUID | None = fields.UUIDField(null=True)
    attempts = fields.SmallIntField(default=0)
    deferred_since: datetime | None = fields.DatetimeField(null=True)
    recipient: str | None = fields.TextField(null=True)
    reply: str | None = fields.TextField(null=True)
    sent_at: datetime | None = fields.DatetimeField(null=True)
    human_at: datetime | None = fields.DatetimeField(null=True)
    unsubscribe_seen_at: datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "message"
        table_description = "One step of an invitation on one channel"
        unique_together = (("invitation_id", "step"),)
