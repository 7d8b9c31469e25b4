"""Recording a review that an integration found."""

from datetime import datetime

import strawberry

from models.reads.customer_rows import ReviewRow
from models.rules.enums import ReviewMatch, Sentiment
from models.rules.errors import Refusal
from resolvers import commands, customers
from schema.connection import Info
from schema.customer import Customer
from schema.errors import UserError, user_errors
from schema.review import LinkedReview


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
    reply_url: str | None = strawberry.field(default=None, description="Where to answer it.")
    invitation_id: strawberry.ID | None = strawberry.field(default=None, description="Surest: the invitation.")
    email: str | None = strawberry.field(default=None, description="Next: the e-mail address.")
    phone: str | None = strawberry.field(default=None, description="Next: the phone number. Else name and time.")


@strawberry.type(description="The review and whose it is, or what to mend.")
class RecordReviewPayload:
    review: LinkedReview | None = strawberry.field(default=None, description="As it is stored now.")
    customer: Customer | None = strawberry.field(default=None, description="Whose it is; null when nobody matched.")
    matched_by: ReviewMatch | None = strawberry.field(default=None, description="By what it was matched.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="What to mend.")


@strawberry.type
class ReviewMutations:
    @strawberry.mutation(description="For integrations: a review found on a platform.")
    async def record_review(self, info: Info, input: RecordReviewInput) -> RecordReviewPayload | None:
        given = {name: getattr(input, name) for name in RecordReviewInput.__annotations__}
        try:
            row: ReviewRow = await commands.record_found_review(info.context, **given)
        except Refusal as refusal:
            return RecordReviewPayload(user_errors=user_errors(refusal))
        review = LinkedReview.of(row)
        if row.customer_id is None:
            return RecordReviewPayload(review=review)
        customer = await customers.of_invitation(info.context, row.customer_id)
        shown = Customer.of(customer, info.context.seats[customer.account_id])
        return RecordReviewPayload(review=review, customer=shown, matched_by=row.matched_by)
