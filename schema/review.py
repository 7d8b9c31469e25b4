"""Reviews found on platforms, matched to customers; and recording one."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from models.reads.customer_rows import ReviewRow
from models.rules import ids
from models.rules.enums import ReviewMatch, Sentiment
from resolvers import reviews, scope
from schema.connection import Info
from schema.errors import UserError, answers_refusals, user_errors
from schema.location import ReviewPlatform
from schema.node import Node, shown, shows

if TYPE_CHECKING:
    from schema.customer import Customer


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


shows(ReviewRow, lambda row, _context: LinkedReview.of(row))


@strawberry.input(description="A review found on a platform. Recorded twice it is updated, never doubled.")
class RecordReviewInput:
    location_id: strawberry.ID = strawberry.field(description="The reviewed location.")
    platform: str = strawberry.field(description="The key of one of its platforms.")
    external_id: str = strawberry.field(description="The platform's own id of the review.")
    reviewer_name: str = strawberry.field(description="As the platform shows it.")
    reviewed_on: datetime = strawberry.field(description="When it was left.")
    rating: float | None = strawberry.field(default=None, description="Stars, 0 to 5.")
    text: str | None = strawberry.field(default=None, description="What it says.")
    sentiment: Sentiment | None = strawberry.field(
        default=None, description="Left out: from 4 stars POSITIVE, from 3 NEUTRAL, below NEGATIVE, no stars none."
    )
    reply_url: str | None = strawberry.field(
        default=None, description="Where to answer it: an https address of 2000 characters at most."
    )
    invitation_id: strawberry.ID | None = strawberry.field(default=None, description="Surest: the invitation.")
    email: str | None = strawberry.field(default=None, description="Next: the e-mail address.")
    phone: str | None = strawberry.field(default=None, description="Next: the phone number. Else name and time.")


@strawberry.type(description="The review and its customer, or what to correct.")
class RecordReviewPayload:
    review: LinkedReview | None = strawberry.field(default=None, description="The review as it is stored now.")
    customer: Annotated["Customer", strawberry.lazy("schema.customer")] | None = strawberry.field(
        default=None, description="The matched customer; null when nobody matched."
    )
    matched_by: ReviewMatch | None = strawberry.field(default=None, description="How it was matched.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class ReviewMutations:
    @strawberry.mutation(description="For integrations: records a review found on a platform.")
    @answers_refusals(RecordReviewPayload)
    async def record_review(self, info: Info, input: RecordReviewInput) -> RecordReviewPayload | None:
        row = await reviews.record(info.context, **vars(input))
        if row.customer_id is None:
            return RecordReviewPayload(review=LinkedReview.of(row))
        customer = await scope.load(info.context, scope.CUSTOMER, row.customer_id)
        return RecordReviewPayload(
            review=LinkedReview.of(row),
            customer=cast("Customer", shown(customer, info.context)),
            matched_by=row.matched_by,
        )
