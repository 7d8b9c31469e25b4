"""Delivery: its state, settling messages of which nobody knows whether they were sent, and releasing what is held."""

from models.commands.release import release_invitation as release_one
from models.commands.release import release_location as release_all
from models.commands.settle_unknown import settle_unknown
from models.reads import delivery_state, message_rows
from models.reads.customer_rows import InvitationRow, LocationRow
from models.reads.delivery_state import DeliveryState
from models.reads.message_rows import MessageRow
from permissions.viewer import Seat
from resolvers.command import RequestId, attempt
from resolvers.context import Context
from resolvers.scope import INVITATION, LOCATION, MESSAGE, reload

MOST_UNKNOWN = 100


async def state(context: Context, seat: Seat) -> DeliveryState:
    return await delivery_state.of_account(context.reads, seat.scope, context.now)


async def unknown(context: Context, seat: Seat) -> list[MessageRow]:
    return await message_rows.unknown(context.reads, seat.scope, MOST_UNKNOWN)


async def settle_message(context: Context, request: RequestId, id: str, *, sent: bool) -> InvitationRow:
    async with attempt(context, "settleMessage", request, MESSAGE, id) as tried:
        if tried.done is None:
            tried.done = await settle_unknown(tried.tx, tried.row.id, sent=sent, actor=tried.actor, now=context.now)
    return await reload(context, INVITATION, tried.done)


async def release_invitation(context: Context, request: RequestId, id: str) -> InvitationRow:
    async with attempt(context, "releaseInvitation", request, INVITATION, id) as tried:
        if tried.done is None:
            await release_one(tried.tx, tried.row.id, tried.actor, context.now)
            tried.done = tried.row.id
    return await reload(context, INVITATION, tried.done)


async def release_location(context: Context, request: RequestId, id: str) -> LocationRow:
    async with attempt(context, "releaseLocation", request, LOCATION, id) as tried:
        if tried.done is None:
            await release_all(tried.tx, tried.row.account_id, tried.row.id, tried.actor, context.now)
            tried.done = tried.row.id
    return await reload(context, LOCATION, tried.done)
