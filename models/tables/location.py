"""Locations, which send invitations, with their platforms, templates and sequence."""

from datetime import date, timedelta
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from models.rules.enums import Channel, HoldReason
from models.rules.ids import uuid7
from models.rules.sequence import Pace, RecipientZone, SendWindow, send_windows
from models.tables.account import Account


class Location(Model):
    """Hours are full local hours, the second exclusive: 9 and 19 mean from 09:00 to before 19:00, 0 and 24 all day.

    `color` is #rrggbb, `logo` the https URL of an image.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="locations")
    account_id: UUID
    key = fields.CharField(max_length=80)
    name = fields.TextField()
    time_zone = fields.TextField()
    country = fields.CharField(max_length=2)
    language = fields.CharField(max_length=10)
    postal_address: str | None = fields.TextField(null=True)
    sender_name: str | None = fields.TextField(null=True)
    sender_email: str | None = fields.TextField(null=True)
    reply_to: str | None = fields.TextField(null=True)
    color: str | None = fields.TextField(null=True)
    logo: str | None = fields.TextField(null=True)
    email_from_hour = fields.SmallIntField(default=9)
    email_until_hour = fields.SmallIntField(default=19)
    sms_from_hour = fields.SmallIntField(default=10)
    sms_until_hour = fields.SmallIntField(default=20)
    cool_down_days = fields.IntField(default=180)
    answer_window_days = fields.IntField(default=30)
    goals: list[str] = ArrayField(element_type="text")
    allowance: int | None = fields.IntField(null=True)
    held_by = fields.CharEnumField(HoldReason, max_length=30, null=True)
    counted_from: date | None = fields.DateField(null=True)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "location"
        table_description = "Sends invitations"
        unique_together = (("account_id", "key"),)

    def windows(self, zone: RecipientZone | None = None) -> dict[Channel, SendWindow]:
        """The send windows for a recipient in this zone."""
        return send_windows(vars(self), zone)

    @property
    def lacks(self) -> list[str]:
        """The legally required parts of an e-mail that are missing."""
        required = {
            "postal address": self.postal_address,
            "sender name": self.sender_name,
            "sender e-mail": self.sender_email,
        }
        return [name for name, value in required.items() if not value]


class ReviewPlatform(Model):
    """Kept when no longer offered, for the reviews found there."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField("models.Location", related_name="platforms")
    location_id: UUID
    key = fields.CharField(max_length=80)
    name = fields.TextField()
    url = fields.TextField()
    position = fields.SmallIntField()
    offered = fields.BooleanField(default=True)

    class Meta(Model.Meta):
        table = "review_platform"
        table_description = "Where a review can be left"
        unique_together = (("location_id", "key"),)


class Template(Model):
    """Immutable: a changed text is a new version. `language` is that of its texts, `preheader` what mail clients show beside the
    subject."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField("models.Location", related_name="templates")
    location_id: UUID
    key = fields.CharField(max_length=80)
    version = fields.IntField()
    language = fields.CharField(max_length=10, default="en")
    subject = fields.TextField()
    preheader: str | None = fields.TextField(null=True)
    text = fields.TextField()
    html = fields.TextField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "template"
        table_description = "A version of what a step says"
        unique_together = (("location_id", "key", "version"),)


class SequenceStep(Model):
    """`after_seconds` counts from the sending of the first step. `at_minute` is the local time of day, in minutes after
    midnight, of a step that has one."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField("models.Location", related_name="steps")
    location_id: UUID
    number = fields.SmallIntField()
    channel = fields.CharEnumField(Channel, max_length=10)
    after_seconds = fields.IntField()
    at_minute: int | None = fields.SmallIntField(null=True)
    template: fields.ForeignKeyRelation[Template] = fields.ForeignKeyField("models.Template", related_name=False)
    template_id: UUID

    class Meta(Model.Meta):
        table = "sequence_step"
        table_description = "One entry of a location's sequence"
        unique_together = (("location_id", "number"),)

    @property
    def pace(self) -> Pace:
        return Pace(timedelta(seconds=self.after_seconds), self.at_minute)
