"""Reviews found on platforms, and the mutation that records one."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from models.reads.customer_rows import ReviewRow
from models.reads.records import Column
from models.rules import ids
from models.rules.enums import ReviewMatch, Sentiment
from resolvers import reviews, scope
from schema.connection import Info
from schema.errors import UserError, returns_user_errors, user_errors
from schema.location import ReviewPlatform
from schema.node import Node, node_of, register_node
from schema.rows import of_record, view_of

if TYPE_CHECKING:
    from schema.customer import Customer


@of_record(ReviewRow, id=Column("r_id", by=ids.writer_of(ids.REVIEW)))
@strawberry.type(description="A review found on a platform, matched to the customer who left it.")
class LinkedReview(Node):
    reviewer_name: str = strawberry.field(description="The reviewer's name, as shown on the platform.")
    reviewed_on: datetime = strawberry.field(description="When the review was left.")
    nps_score: int | None = strawberry.field(description="The customer's latest score.")
    rating: float | None = strawberry.field(description="The rating in stars, 0 to 5.")
    platform: ReviewPlatform = strawberry.field(description="The platform it was left on.")
    text: str | None = strawberry.field(description="The text of the review.")
    sentiment: Sentiment | None = strawberry.field(description="The overall sentiment.")
    reply_url: str | None = strawberry.field(description="Where to reply to it.")

    @classmethod
    def of(cls, row: ReviewRow) -> "LinkedReview":
        return view_of(cls, row.record)


register_node(ReviewRow, lambda row, _context: LinkedReview.of(row))


@strawberry.input(description="A review found on a platform. Recording the same externalId again updates the review.")
class RecordReviewInput:
    location_id: strawberry.ID = strawberry.field(description="The reviewed location.")
    platform: str = strawberry.field(description="The key of one of the location's platforms.")
    external_id: str = strawberry.field(description="The platform's id of the review.")
    reviewer_name: str = strawberry.field(description="The reviewer's name, as shown on the platform.")
    reviewed_on: datetime = strawberry.field(description="When the review was left.")
    rating: float | None = strawberry.field(default=None, description="The rating in stars, 0 to 5.")
    text: str | None = strawberry.field(default=None, description="The text of the review.")
    sentiment: Sentiment | None = strawberry.field(
        default=None,
        description="Defaults by rating: POSITIVE from 4 stars, NEUTRAL from 3, NEGATIVE below; none without a rating.",
    )
    reply_url: str | None = strawberry.field(
        default=None, description="Where to reply to it: an https URL of at most 2,000 characters."
    )
    invitation_id: strawberry.ID | None = strawberry.field(
        default=None, description="The invitation it belongs to, if known: the most reliable match."
    )
    email: str | None = strawberry.field(
        default=None, description="The reviewer's e-mail address, used for matching if there is no invitationId."
    )
    phone: str | None = strawberry.field(
        default=None,
        description="The reviewer's phone number, used for matching if nothing above matches; after it, the name and the time.",
    )


@strawberry.type(description="The review and its customer, or the errors to correct.")
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
    @returns_user_errors(RecordReviewPayload)
    async def record_review(self, info: Info, input: RecordReviewInput) -> RecordReviewPayload | None:
        row = await reviews.record(info.context, **vars(input))
        if row.customer_id is None:
            return RecordReviewPayload(review=LinkedReview.of(row))
        customer = await scope.load(info.context, scope.CUSTOMER, row.customer_id)
        return RecordReviewPayload(
            review=LinkedReview.of(row),
            customer=cast("Customer", node_of(customer, info.context)),
            matched_by=row.matched_by,
        )
