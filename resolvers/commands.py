"""What members do: find it in scope or NOT_FOUND, decide or FORBIDDEN, then once under its idempotency key."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

from graphql import GraphQLError

from models.commands import idempotency
from models.commands.idempotency import Answer
from models.commands.invite import MANUAL_ENTRY, Person, Request, invite
from models.commands.record_review import FoundReview, record_review
from models.commands.stop import restart, stop
from models.connection import Db
from models.reads import invitation_rows, location_rows
from models.reads.customer_rows import InvitationRow, ReviewRow
from models.rules import ids
from models.rules.address import clean, clean_short, normalise_email, normalise_phone
from models.rules.enums import Channel, Sentiment, StopReason
from models.rules.errors import Invalid, NotFound, Refusal
from permissions.access import require_channels
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
    async with context.transaction() as tx:
        answer = await idempotency.once(tx, account_id, mutation, key, given, work, context.now)
    if "refusals" in answer:
        raise Refused(answer["refusals"])
    return answer


async def missing(context: Context, mutation: str, key: str | None, given: object, refusal: NotFound) -> NotFound:
    """The refusal to raise. What was not found has no account: its key counts in the one that the token acts for."""
    seat = await accounts.acting(context)
    if key is None or seat is None:
        return refusal
    try:
        context.require(f"Mutation.{mutation}", seat.account.id)
    except GraphQLError:
        return refusal

    async def work(_tx: Db) -> Answer:
        raise refusal

    await once(context, seat.account.id, mutation, key, given, work)
    return refusal


def refusals(error: Refusal | Refused) -> list[dict[str, object]]:
    if isinstance(error, Refused):
        return error.refusals
    return [{"code": str(error.code), "message": error.message, "field": error.field}]


async def find_invitation(context: Context, id: str) -> InvitationRow:
    key = ids.parse_id(ids.INVITATION, id)
    wanted = [key] if key else []
    await context.open("invitation", wanted)
    for row in await invitation_rows.by_ids(context.reads, wanted):
        seat = await context.seat(row.account_id)
        if seat is not None and seat.sees(row.location_id):
            return row
    raise NotFound("There is no such invitation.", ["invitationId"])


async def _found(context: Context, mutation: str, id: str, key: str | None, given: object) -> InvitationRow:
    try:
        return await find_invitation(context, id)
    except NotFound as refusal:
        raise await missing(context, mutation, key, given, refusal) from None


async def _again(context: Context, answer: Answer) -> InvitationRow:
    (row,) = await invitation_rows.by_ids(context.reads, [UUID(answer["id"])])
    return row


async def stop_invitation(context: Context, id: str, reason: StopReason, key: str | None) -> InvitationRow:
    given = [id, reason]
    found = await _found(context, "stopInvitation", id, key, given)
    context.require("Mutation.stopInvitation", found.account_id)
    actor = await context.actor()

    async def work(tx: Db) -> Answer:
        await stop(tx, found.id, reason, actor, context.now)
        return {"id": found.id.hex}

    return await _again(context, await once(context, found.account_id, "stopInvitation", key, given, work))


async def restart_invitation(context: Context, id: str, key: str | None) -> InvitationRow:
    found = await _found(context, "restartInvitation", id, key, [id])
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
    given = [location_id, first_name, last_name, email, phone, employee, service, source, channels, send_at]
    location = await accounts.location(context, location_id)
    if location is None:
        raise await missing(context, "inviteCustomer", key, given, _no_location())
    seat = context.require("Mutation.inviteCustomer", location.account_id)
    actor, country = await context.actor(), await location_rows.country(context.reads, location.id)

    async def work(tx: Db) -> Answer:
        require_channels(channels, seat)
        number, national = _phone(phone, country)
        request = Request(
            account_id=location.account_id,
            location_id=location.id,
            person=Person(
                first_name=clean_short(first_name, "firstName"),
                last_name=clean_short(last_name, "lastName"),
                email=_email(email),
                phone=number,
                phone_national=national,
            ),
            channels=channels,
            actor=actor,
            employee=clean_short(employee, "employee"),
            service=clean_short(service, "service"),
            source=clean_short(source, "source") or MANUAL_ENTRY,
            send_at=send_at,
        )
        return {"id": (await invite(tx, request, context.now)).hex}

    return await _again(context, await once(context, location.account_id, "inviteCustomer", key, given, work))


def _no_location() -> NotFound:
    return NotFound("There is no such location.", ["locationId"])


def _email(text: str | None) -> str | None:
    """None for blanks; raises InvalidEmail."""
    return normalise_email(text) if text and clean(text) else None


def _phone(text: str | None, country: str) -> tuple[str | None, str | None]:
    """In E.164 and as dialled at home, by the location's country; None for blanks; raises InvalidPhone."""
    return normalise_phone(text, country) if text and clean(text) else (None, None)


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
        raise _no_location()
    context.require("Mutation.recordReview", location.account_id)
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
        invitation_id=_invitation_key(invitation_id),
        email=_email(email),
        phone=_phone(phone, await location_rows.country(context.reads, location.id))[0],
    )
    async with context.transaction() as tx:
        key = await record_review(tx, found, context.now)
    (row,) = await invitation_rows.reviews(context.reads, [key])
    return row


def _invitation_key(id: str | None) -> UUID | None:
    key = None if id is None else ids.parse_id(ids.INVITATION, id)
    if key is None and id is not None:
        raise NotFound("This location has no such invitation.", ["invitationId"])
    return key
