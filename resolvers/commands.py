"""What members do: find it in scope or NOT_FOUND, decide or FORBIDDEN, then once under its idempotency key."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

from models import idempotency, ids, invitation_reads
from models.address import clean, clean_short, normalise_email, normalise_phone
from models.connection import Db, transaction
from models.customer_rows import InvitationRow, ReviewRow
from models.enums import Channel, Sentiment, StopReason
from models.errors import Invalid, NotFound, Refusal
from models.idempotency import Answer
from models.invite import MANUAL_ENTRY, Person, Request, invite
from models.record_review import FoundReview, record_review
from models.stop import restart, stop
from resolvers import accounts
from resolvers.context import Context

LONGEST_KEY = 255


class Refused(Exception):  # noqa: N818 - the answer of a refused command
    """What was refused, now or when the idempotency key was first used."""

    def __init__(self, refusals: list[dict[str, object]]) -> None:
        super().__init__()
        self.refusals = refusals


async def once(
    context: Context,
    account_id: UUID,
    mutation: str,
    key: str | None,
    given: object,
    work: Callable[[Db], Awaitable[Answer]],
) -> Answer:
    """One transaction; raises Refused with what the user can mend."""
    if key is not None and not 1 <= len(key) <= LONGEST_KEY:
        raise Invalid(f"An idempotencyKey has 1 to {LONGEST_KEY} characters.", ["idempotencyKey"])
    async with transaction() as tx:
        answer = await idempotency.once(tx, account_id, mutation, key, given, work, context.now)
    if "refusals" in answer:
        raise Refused(answer["refusals"])
    return answer


def refusals(error: Refusal | Refused) -> list[dict[str, object]]:
    if isinstance(error, Refused):
        return error.refusals
    return [{"code": str(error.code), "message": error.message, "field": error.field}]


async def find_invitation(context: Context, id: str) -> InvitationRow:
    key = ids.parse_id(ids.INVITATION, id)
    for row in await invitation_reads.by_ids(context.reads, [key]) if key else []:
        seat = await context.seat(row.account_id)
        if seat is not None and seat.sees(row.location_id):
            return row
    raise NotFound("There is no such invitation.", ["invitationId"])


async def _again(context: Context, answer: Answer) -> InvitationRow:
    (row,) = await invitation_reads.by_ids(context.reads, [UUID(answer["id"])])
    return row


async def stop_invitation(context: Context, id: str, reason: StopReason, key: str | None) -> InvitationRow:
    found = await find_invitation(context, id)
    context.require("Mutation.stopInvitation", found.account_id)
    actor = await context.actor()

    async def work(tx: Db) -> Answer:
        await stop(tx, found.id, reason, actor, context.now)
        return {"id": found.id.hex}

    given = [id, reason]
    return await _again(context, await once(context, found.account_id, "stopInvitation", key, given, work))


async def restart_invitation(context: Context, id: str, key: str | None) -> InvitationRow:
    found = await find_invitation(context, id)
    context.require("Mutation.restartInvitation", found.account_id)
    actor = await context.actor()

    async def work(tx: Db) -> Answer:
        await restart(tx, found.id, actor, context.now)
        return {"id": found.id.hex}

    return await _again(context, await once(context, found.account_id, "restartInvitation", key, [id], work))


async def invite_customer(
    context: Context,
    *,
    location_id: str,
    first_name: str | None,
    last_name: str | None,
    email: str | None,
    phone: str | None,
    employee: str | None,
    service: str | None,
    source: str | None,
    channels: list[Channel],
    send_at: datetime | None,
    key: str | None,
) -> InvitationRow:
    location = await accounts.location(context, location_id)
    if location is None:
        raise NotFound("There is no such location.", ["locationId"])
    seat = context.require("Mutation.inviteCustomer", location.account_id)
    number, national = normalise_phone(phone, seat.account.country) if clean(phone) and phone else (None, None)
    request = Request(
        account_id=location.account_id,
        location_id=location.id,
        person=Person(
            first_name=clean_short(first_name, "firstName"),
            last_name=clean_short(last_name, "lastName"),
            email=normalise_email(email) if email and clean(email) else None,
            phone=number,
            phone_national=national,
        ),
        channels=channels,
        actor=await context.actor(),
        employee=clean_short(employee, "employee"),
        service=clean_short(service, "service"),
        source=clean_short(source, "source") or MANUAL_ENTRY,
        send_at=send_at,
    )

    async def work(tx: Db) -> Answer:
        return {"id": (await invite(tx, request, context.now)).hex}

    given = [location_id, request.person, channels, employee, service, source, send_at]
    return await _again(context, await once(context, location.account_id, "inviteCustomer", key, given, work))


async def record_found_review(
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
    location = await accounts.location(context, location_id)
    if location is None:
        raise NotFound("There is no such location.", ["locationId"])
    seat = context.require("Mutation.recordReview", location.account_id)
    if len(external_id) > LONGEST_KEY:
        raise Invalid(f"externalId has {LONGEST_KEY} characters at most.", ["externalId"])
    found = FoundReview(
        account_id=location.account_id,
        location_id=location.id,
        platform=platform,
        external_id=external_id,
        reviewer_name=clean_short(reviewer_name, "reviewerName") or "",
        reviewed_on=reviewed_on.astimezone(UTC),
        rating=rating,
        text=text.replace("\x00", "") if text else None,
        sentiment=sentiment,
        reply_url=reply_url,
        invitation_id=ids.parse_id(ids.INVITATION, invitation_id) if invitation_id else None,
        email=normalise_email(email) if email else None,
        phone=normalise_phone(phone, seat.account.country)[0] if phone else None,
    )
    async with transaction() as tx:
        key = await record_review(tx, found, context.now)
    (row,) = await invitation_reads.reviews(context.reads, [key])
    return row
