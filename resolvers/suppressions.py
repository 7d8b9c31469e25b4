"""Suppressions: listing them, recording an opt-out, and lifting a mistake."""

from collections.abc import Sequence
from functools import partial

from models.commands.lift import lift
from models.commands.suppress import suppress
from models.reads import suppression_rows
from models.reads.customer_rows import CustomerRow
from models.reads.keyset import Position
from models.reads.suppression_rows import SuppressionRow
from models.rules.address import clean_short
from models.rules.channels import named_channels
from models.rules.email import email_or_none
from models.rules.enums import Channel, SuppressionReason
from models.rules.errors import Invalid, MissingContact, Refusal
from models.rules.phone import phone_or_none
from permissions.viewer import Seat
from resolvers.command import RequestId, attempt
from resolvers.context import Context
from resolvers.cursors import Slice
from resolvers.errors import bad_input
from resolvers.pages import Page, page_forward
from resolvers.scope import CUSTOMER, SUPPRESSION, reload


async def page(context: Context, seat: Seat, address: str | None, window: Slice) -> Page[SuppressionRow]:
    """A page of the account's suppressions, most recent first. `address`: only those of this address, as customers' addresses
    are stored."""
    return await page_forward(
        context,
        f"suppressions:{seat.account.id.hex}",
        window,
        partial(suppression_rows.of_account, context.reads, seat.scope, _normalized(seat, address)),
        lambda row: Position(row.created_at, row.id),
    )


async def count(context: Context, seat: Seat, address: str | None) -> int:
    return await suppression_rows.count(context.reads, seat.scope, _normalized(seat, address))


def _normalized(seat: Seat, address: str | None) -> str | None:
    """Raises BAD_USER_INPUT for what is neither an e-mail address nor a phone number."""
    if address is None:
        return None
    try:
        found = email_or_none(address) if "@" in address else phone_or_none(address, seat.account.country)[0]
    except Refusal as refused:
        raise bad_input(f"address must be an e-mail address or a phone number. {refused.message}") from refused
    if found is None:
        raise bad_input("address must be an e-mail address or a phone number; leave it out for all suppressions.")
    return found


async def record_opt_out(
    context: Context, request: RequestId, customer_id: str, channels: Sequence[Channel] | None, note: str | None
) -> CustomerRow:
    """Suppresses a customer's addresses on these channels, by default on all."""
    async with attempt(context, "recordOptOut", request, CUSTOMER, customer_id) as tried:
        if tried.done is None:
            row = tried.row
            wanted = list(Channel) if channels is None else named_channels(channels)
            known = [(Channel.EMAIL, row.email), (Channel.SMS, row.phone)]
            addresses = [(channel, address) for channel, address in known if address and channel in wanted]
            if not addresses:
                raise MissingContact("This customer has no address on these channels.", ["channels"])
            await suppress(
                tried.tx,
                row.account_id,
                addresses,
                SuppressionReason.CUSTOMER_ASKED,
                tried.actor,
                context.now,
                note=clean_short(note, "note"),
            )
            tried.done = row.id
    return await reload(context, CUSTOMER, tried.done)


async def lift_suppression(context: Context, request: RequestId, id: str, reason: str) -> None:
    async with attempt(context, "liftSuppression", request, SUPPRESSION, id) as tried:
        if tried.done is None:
            because = clean_short(reason, "reason")
            if because is None:
                raise Invalid("Say why it was a mistake; the reason is kept.", ["reason"])
            await lift(tried.tx, tried.row.id, because, tried.actor, context.now)
            tried.done = tried.row.id
