"""Records a review found on a platform: stores it once and matches it to a customer by the most reliable evidence."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from models.commands import allowance, funnel_marks, goals, moves
from models.commands.activity import SYSTEM, Event, Subject, record_events
from models.connection import Db, fetch, fetch_one, statement
from models.rules.enums import ActivityKind, Goal, ReviewMatch, Sentiment
from models.rules.errors import Elsewhere, Invalid, NotFound
from models.tables.invitation import Invitation
from models.tables.location import ReviewPlatform
from models.tables.review import Review

MATCH_WITHIN = timedelta(days=60)
"""Matching by name and time considers invitations sent at most this long before the review."""
FIRST_REVIEW = datetime(2000, 1, 1, tzinfo=UTC)
"""Earlier dates are placeholders for a missing date."""


@dataclass(frozen=True, slots=True)
class FoundReview:
    """A review as an integration reports it; e-mail and phone are normalized, or None."""

    account_id: UUID
    location_id: UUID
    platform: str
    external_id: str
    reviewer_name: str
    reviewed_on: datetime
    rating: float | None = None
    text: str | None = None
    sentiment: Sentiment | None = None
    reply_url: str | None = None
    invitation_id: UUID | None = None
    email: str | None = None
    phone: str | None = None


def sentiment_of(rating: float | None) -> Sentiment | None:
    """POSITIVE from 4 stars, NEUTRAL from 3, NEGATIVE below; None without stars."""
    if rating is None:
        return None
    if rating >= 4:
        return Sentiment.POSITIVE
    return Sentiment.NEUTRAL if rating >= 3 else Sentiment.NEGATIVE


async def record_review(tx: Db, found: FoundReview, now: datetime) -> UUID:
    """Creates or updates the review and returns its key. A known review keeps the customer it was matched to."""
    _refuse(found, now)
    await _refuse_invitation(tx, found)
    await allowance.lock_one(tx, found.account_id)
    platform = await _platform(tx, found)
    before = await Review.get_or_none(platform_id=platform.id, external_id=found.external_id, using_db=tx)
    new = before is None or before.customer_id is None
    match = (
        await _match(tx, found)
        if before is None or new
        else _Match(before.customer_id, before.invitation_id, before.matched_by)
    )
    row = await fetch_one(
        tx,
        statement("review_put"),
        found.account_id,
        found.location_id,
        platform.id,
        found.external_id,
        match.customer_id,
        match.invitation_id,
        match.method and str(match.method),
        found.reviewer_name,
        found.reviewed_on,
        found.rating,
        found.text,
        str(found.sentiment or sentiment_of(found.rating) or "") or None,
        found.reply_url,
        now,
    )
    assert row is not None
    if match.customer_id is not None:
        await _link(tx, found, match, platform.id, now, new=new)
    key: UUID = row["id"]
    return key


def _refuse(found: FoundReview, now: datetime) -> None:
    if found.rating is not None and not 0 <= found.rating <= 5:
        raise Invalid("rating must be from 0 to 5.", ["rating"])
    if not found.external_id.strip():
        raise Invalid("externalId must not be empty; it is the platform's id of the review.", ["externalId"])
    if found.reviewed_on > now + timedelta(days=1):
        raise Invalid("reviewedOn lies in the future; give the time at which the review was left.", ["reviewedOn"])
    if found.reviewed_on < FIRST_REVIEW:
        raise Invalid(
            "reviewedOn lies before the year 2000; give the time at which the review was left.", ["reviewedOn"]
        )
    if not found.reviewer_name:
        raise Invalid("reviewerName must not be empty; it is the name shown on the platform.", ["reviewerName"])


async def _refuse_invitation(tx: Db, found: FoundReview) -> None:
    """Rejects an invitation of another location: it would be ignored, and the review could match the wrong customer."""
    if found.invitation_id is None:
        return
    own = Invitation.filter(id=found.invitation_id, account_id=found.account_id, location_id=found.location_id)
    if not await own.using_db(tx).exists():
        raise NotFound("This location has no invitation with this id.", ["invitationId"])


_ELSEWHERE = """
-- Which other location of the account has a review with this platform and external id ($1 account, $2 location,
-- $3 platform, $4 external id)?
select r.location_id from review r join review_platform p on p.id = r.platform_id
where r.account_id = $1 and r.location_id <> $2 and p.key = $3 and r.external_id = $4 limit 1
"""


async def _platform(tx: Db, found: FoundReview) -> ReviewPlatform:
    platforms = await ReviewPlatform.filter(account_id=found.account_id, location_id=found.location_id).using_db(tx)
    row = next((one for one in platforms if one.key == found.platform), None)
    if row is None:
        raise NotFound("This location has no platform with this key; see Location.platforms.", ["platform"])
    elsewhere = await fetch_one(tx, _ELSEWHERE, found.account_id, found.location_id, found.platform, found.external_id)
    if elsewhere is not None:
        raise Invalid(
            "This review was already recorded for another location of the account.",
            ["externalId"],
            elsewhere=Elsewhere(elsewhere["location_id"], "This review cannot be recorded here."),
        )
    return row


@dataclass(frozen=True, slots=True)
class _Match:
    """The matched customer, the invitation it counts for, and the evidence."""

    customer_id: UUID | None = None
    invitation_id: UUID | None = None
    method: ReviewMatch | None = None


async def _match(tx: Db, found: FoundReview) -> _Match:
    """Matches by the most reliable evidence available; if it has several candidates, nothing matches."""
    rows = await fetch(
        tx,
        statement("review_candidates"),
        found.account_id,
        found.location_id,
        found.invitation_id,
        found.email,
        found.phone,
        found.reviewer_name,
        found.reviewed_on,
        MATCH_WITHIN,
    )
    for method in ReviewMatch:
        candidates = {row["customer_id"] for row in rows if row["method"] == method}
        if len(candidates) > 1:
            break
        if candidates:
            customer = candidates.pop()
            invitation = found.invitation_id
            if method is not ReviewMatch.INVITATION:
                row = await fetch_one(tx, statement("review_invitation"), customer, found.reviewed_on)
                invitation = row["id"] if row else None
            return _Match(customer, invitation, method)
    return _Match()


_SHOWN_RATING = "select rating from review where invitation_id = $1 order by reviewed_on desc, id desc limit 1"


async def _link(tx: Db, found: FoundReview, match: _Match, platform_id: UUID, now: datetime, *, new: bool) -> None:
    """Updates the customer's latest review. A newly matched one meets the goal of its invitation and of the latest one."""
    assert match.customer_id is not None
    customer = await fetch_one(tx, statement("customer_latest_review"), match.customer_id)
    if new and customer is not None:
        await record_events(tx, [_event(found, match, platform_id, now)])
        invitations = {customer["latest_invitation_id"], match.invitation_id} - {None}
        for row in (await moves.locked(tx, invitations)).values():
            await goals.meet(tx, row, Goal.REVIEWED, now)
    if match.invitation_id is not None:
        shown = await fetch_one(tx, _SHOWN_RATING, match.invitation_id)
        rating = shown["rating"] if shown else None
        await funnel_marks.reach(tx, [funnel_marks.Reached(match.invitation_id, reviewed=True, rating=rating)])


def _event(found: FoundReview, match: _Match, platform_id: UUID, now: datetime) -> Event:
    assert match.customer_id is not None
    subject = Subject(found.account_id, found.location_id, match.customer_id, match.invitation_id)
    return Event(subject, ActivityKind.REVIEW_LINKED, SYSTEM, now, platform_id=platform_id)
