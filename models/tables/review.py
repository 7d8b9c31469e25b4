"""Reviews found on platforms, matched to the customer they came from."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.rules.enums import ReviewMatch, Sentiment
from models.rules.ids import uuid7
from models.tables.account import Account
from models.tables.location import Location, ReviewPlatform


class Review(Model):
    """`customer_id` is null if no customer matched. `invitation_id` is the invitation it counts for in the funnel."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name=False)
    account_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField("models.Location", related_name=False)
    location_id: UUID
    platform: fields.ForeignKeyRelation[ReviewPlatform] = fields.ForeignKeyField(
        "models.ReviewPlatform", related_name=False
    )
    platform_id: UUID
    external_id = fields.TextField()
    customer_id: UUID | None = fields.UUIDField(null=True)
    invitation_id: UUID | None = fields.UUIDField(null=True)
    matched_by = fields.CharEnumField(ReviewMatch, max_length=20, null=True)
    reviewer_name = fields.TextField()
    reviewed_on: datetime = fields.DatetimeField()
    rating: float | None = fields.FloatField(null=True)
    text: str | None = fields.TextField(null=True)
    sentiment = fields.CharEnumField(Sentiment, max_length=10, null=True)
    reply_url: str | None = fields.TextField(null=True)
    created_at: datetime = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "review"
        table_description = "A review found on a platform"
        unique_together = (("platform_id", "external_id"),)
