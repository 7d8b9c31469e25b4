"""Reviews that were matched to customers."""

from datetime import datetime

import strawberry

from models.reads.customer_rows import ReviewRow
from models.rules import ids
from models.rules.enums import Sentiment
from schema.connection import Node
from schema.location import ReviewPlatform


@strawberry.type(description="A review found on a platform, matched to the customer who left it.")
class LinkedReview(Node):
    reviewer_name: str = strawberry.field(description="As the platform shows it.")
    reviewed_on: datetime = strawberry.field(description="When it was left.")
    nps_score: int | None = strawberry.field(description="The latest score that the customer gave.")
    rating: float | None = strawberry.field(description="Stars, 0 to 5.")
    platform: ReviewPlatform = strawberry.field(description="Where it was left.")
    text: str | None = strawberry.field(description="What it says.")
    sentiment: Sentiment | None = strawberry.field(description="What it says on the whole.")
    reply_url: str | None = strawberry.field(description="Where to answer it.")

    @classmethod
    def of(cls, row: ReviewRow) -> "LinkedReview":
        return cls(
            id=strawberry.ID(ids.public_id(ids.REVIEW, row.id)),
            reviewer_name=row.reviewer_name,
            reviewed_on=row.reviewed_on,
            nps_score=row.nps_score,
            rating=row.rating,
            platform=ReviewPlatform.of(row.platform),
            text=row.text,
            sentiment=row.sentiment,
            reply_url=row.reply_url,
        )
