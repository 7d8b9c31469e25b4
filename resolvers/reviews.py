"""Recording reviews found on platforms."""

from datetime import UTC, datetime

from models.commands.record_review import FoundReview, record_review
from models.reads import location_rows
from models.reads.customer_rows import ReviewRow
from models.rules import ids
from models.rules.address import clean_short
from models.rules.email import email_or_none
from models.rules.enums import Sentiment
from models.rules.errors import NotFound
from models.rules.phone import phone_or_none
from models.rules.url import url_or_none
from resolvers.command import WITHOUT_KEY, attempt
from resolvers.context import Context
from resolvers.scope import LOCATION, REVIEW, reload


async def record(
    context: Context,
    *,
    location_id: str,
    platform: str,
    external_id: str,
    reviewer_name: str,
    reviewed_on: datetime,
    rating: float | None,
    text: str | None,
    sentiment: Sentiment | None,
    reply_url: str | None,
    invitation_id: str | None,
    email: str | None,
    phone: str | None,
) -> ReviewRow:
    """Creates or updates a review and returns it. Raises a Refusal."""
    async with attempt(context, "recordReview", WITHOUT_KEY, LOCATION, location_id) as tried:
        invitation = None if invitation_id is None else ids.parse_id(ids.INVITATION, invitation_id)
        if invitation is None and invitation_id is not None:
            raise NotFound("This location has no invitation with this id.", ["invitationId"])
        found = FoundReview(
            account_id=tried.row.account_id,
            location_id=tried.row.id,
            platform=platform,
            external_id=external_id,
            reviewer_name=clean_short(reviewer_name, "reviewerName") or "",
            reviewed_on=reviewed_on.astimezone(UTC),
            rating=rating,
            text=text.replace("\x00", "") if text else None,
            sentiment=sentiment,
            reply_url=url_or_none(reply_url, "replyUrl"),
            invitation_id=invitation,
            email=email_or_none(email),
            phone=phone_or_none(phone, await location_rows.country(context.reads, tried.row.id))[0],
        )
        tried.done = await record_review(tried.tx, found, context.now)
    return await reload(context, REVIEW, tried.done)
