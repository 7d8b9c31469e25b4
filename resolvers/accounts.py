"""Accounts in the viewer's scope, with their usage cards and funnels."""

from collections.abc import Sequence
from uuid import UUID

from models.reads.funnel import Days, FunnelRow, funnels
from models.reads.operation import Ahead
from models.reads.usage import Terms, UsageRow, usage_statement, usages
from models.rules import ids
from models.rules.scope import Scope
from permissions.scope import own_seat
from permissions.viewer import Seat, Viewer
from resolvers.context import Context
from resolvers.errors import bad_input
from resolvers.scope import LOCATION
from resolvers.scope import find as find_in_scope


async def acting_seat(context: Context) -> Seat | None:
    """The seat in the account that the token names; without one, the seat of the viewer's first membership."""
    key = _acting_account(await context.viewer())
    return await context.seat(key) if key else None


def _acting_account(viewer: Viewer) -> UUID | None:
    if viewer.acting_account is not None:
        return viewer.acting_account
    return viewer.seats[0].account.id if viewer.seats else None


def seat_ahead(_context: Context, viewer: Viewer, _columns: object, id: str | None = None) -> Seat | None:
    """The seat that `find` will find, if it is the viewer's own."""
    key = _acting_account(viewer) if id is None else ids.parse_id(ids.ACCOUNT, id)
    return None if key is None else own_seat(viewer, key)


async def find(context: Context, id: str | None) -> Seat | None:
    """The viewer's seat in this account, or in the acting account if no id is given."""
    if id is None:
        return await acting_seat(context)
    key = ids.parse_id(ids.ACCOUNT, id)
    return await context.seat(key) if key else None


async def card(context: Context, seat: Seat, location_id: str | None) -> UsageRow:
    """The usage cards of one location, or of all that the viewer can see. Several accounts are read together."""
    chosen, scope = await _location_and_scope(context, seat, location_id)

    async def read(keys: Sequence[UUID]) -> dict[UUID, UsageRow]:
        terms = [_terms(context.seats[key], scope if chosen else context.seats[key].scope) for key in keys]
        return await usages(context.reads, terms, context.now, chosen)

    return await context.load(("usage", chosen), read, seat.account.id)


def card_ahead(context: Context, seat: Seat, _columns: object, location_id: str | None = None) -> Ahead | None:
    """What `card` will read."""
    return usage_statement(_terms(seat, seat.scope), context.now) if location_id is None else None


async def cards(context: Context, seats: Sequence[Seat]) -> dict[UUID, UsageRow]:
    """The usage cards of these accounts, over all that the viewer can see."""
    return await usages(context.reads, [_terms(seat, seat.scope) for seat in seats], context.now)


async def funnel(context: Context, seat: Seat, days: Days, location_id: str | None) -> FunnelRow:
    """The funnel of one location, or of all that the viewer can see. Several accounts are read together."""
    check_days(days)
    chosen, scope = await _location_and_scope(context, seat, location_id)

    async def read(keys: Sequence[UUID]) -> dict[UUID, FunnelRow]:
        return await funnels(context.reads, [scope if chosen else context.seats[key].scope for key in keys], days)

    return await context.load(("funnel", days, chosen), read, seat.account.id)


def check_days(days: Days) -> None:
    if days.since and days.until and days.until < days.since:
        raise bad_input("until is before since; pass the earlier day as since.")


async def _location_and_scope(context: Context, seat: Seat, location_id: str | None) -> tuple[UUID | None, Scope]:
    """The requested location, if any, and the scope to count in."""
    if location_id is None:
        return None, seat.scope
    found = await find_in_scope(context, LOCATION, location_id, seat)
    if found is None:
        raise bad_input("locationId does not match a location of this account.")
    return found.id, seat.scope.narrowed([found.id])


def _terms(seat: Seat, scope: Scope) -> Terms:
    account = seat.account
    return Terms(scope, account.facts.invitations, account.time_zone, account.anchor_day)
