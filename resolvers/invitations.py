"""Invitations: listing a customer's, their messages, and inviting, stopping and restarting."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from models.commands.intake import Person
from models.commands.invite import MANUAL_ENTRY, Request, invite
from models.commands.stop import restart, stop
from models.reads import invitation_rows, location_rows, message_rows
from models.reads.customer_rows import InvitationRow
from models.reads.keyset import Position
from models.reads.message_rows import MessageRow
from models.rules.address import clean_short, known_short
from models.rules.email import email_or_none
from models.rules.enums import Channel, StopReason
from models.rules.phone import phone_or_none
from permissions.access import require_channels
from resolvers.command import RequestId, attempt
from resolvers.context import Context
from resolvers.cursors import Slice
from resolvers.pages import Page, page_of_parent
from resolvers.scope import INVITATION, LOCATION, reload


async def stop_invitation(context: Context, request: RequestId, id: str, reason: StopReason) -> InvitationRow:
    async with attempt(context, "stopInvitation", request, INVITATION, id) as tried:
        if tried.done is None:
            await stop(tried.tx, tried.row.id, reason, tried.actor, context.now)
            tried.done = tried.row.id
    return await reload(context, INVITATION, tried.done)


async def restart_invitation(context: Context, request: RequestId, id: str) -> InvitationRow:
    async with attempt(context, "restartInvitation", request, INVITATION, id) as tried:
        if tried.done is None:
            await restart(tried.tx, tried.row.id, tried.actor, context.now)
            tried.done = tried.row.id
    return await reload(context, INVITATION, tried.done)


async def invite_customer(
    context: Context,
    request: RequestId,
    *,
    location_id: str,
    first_name: str | None,
    last_name: str | None,
    email: str | None,
    phone: str | None,
    employee: str | None,
    service: str | None,
    source: str | None,
    channels: Sequence[Channel],
    send_at: datetime | None,
) -> InvitationRow:
    async with attempt(context, "inviteCustomer", request, LOCATION, location_id) as tried:
        if tried.done is None:
            require_channels(channels, tried.seat)
            address = email_or_none(email)
            number, national = phone_or_none(phone, await location_rows.country(context.reads, tried.row.id))
            new = Request(
                account_id=tried.row.account_id,
                location_id=tried.row.id,
                person=Person(
                    first_name=known_short(first_name, "firstName"),
                    last_name=known_short(last_name, "lastName"),
                    email=address,
                    phone=number,
                    phone_national=national,
                ),
                channels=channels,
                actor=tried.actor,
                employee=known_short(employee, "employee"),
                service=known_short(service, "service"),
                source=clean_short(source, "source") or MANUAL_ENTRY,
                send_at=send_at,
            )
            tried.done = await invite(tried.tx, new, context.now)
    return await reload(context, INVITATION, tried.done)


async def of_customer(context: Context, customer_id: UUID, window: Slice) -> Page[InvitationRow]:
    """A page of the customer's invitations, most recent first. Several customers are read together."""

    async def read(
        keys: Sequence[UUID], limit: int, after: Position | None
    ) -> dict[UUID, list[tuple[Position, InvitationRow]]]:
        return await invitation_rows.of_customers(context.reads, keys, limit, after)

    return await page_of_parent(context, "invitations", customer_id, window, read)


async def count_of_customer(context: Context, customer_id: UUID) -> int:
    return await context.load("invitation count", partial(invitation_rows.counts, context.reads), customer_id)


async def messages(context: Context, invitation_id: UUID) -> list[MessageRow]:
    return await context.load("messages", partial(message_rows.of_invitations, context.reads), invitation_id)
