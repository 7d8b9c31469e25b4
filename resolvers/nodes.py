"""Any object by its id: read by type, then held against the viewer's scope; what lies outside does not exist."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from graphql import GraphQLError

from models import customer_search, ids, import_reads, invitation_reads, location_reads, timeline
from models.customer_rows import CustomerRow, InvitationRow, LocationRow, ReviewRow
from models.import_reads import ImportRow
from models.reads import Reads
from models.timeline import EventRow
from permissions.viewer import Seat
from resolvers import agencies
from resolvers.context import Context

Found = Seat | agencies.Found | LocationRow | CustomerRow | InvitationRow | EventRow | ReviewRow | ImportRow

_READERS: dict[str, tuple[str, Callable[[Reads, list[UUID]], Awaitable[Sequence[Any]]]]] = {
    ids.LOCATION: ("location", location_reads.by_ids),
    ids.CUSTOMER: ("customer", customer_search.by_ids),
    ids.INVITATION: ("invitation", invitation_reads.by_ids),
    ids.EVENT: ("activity_event", timeline.events),
    ids.REVIEW: ("review", invitation_reads.reviews),
    ids.BULK_IMPORT: ("bulk_import", import_reads.by_ids),
}
"""By an id's prefix: the table, and who reads it."""


async def find(context: Context, wanted: Sequence[str]) -> list[Found | GraphQLError | None]:
    """In the order asked for; None for what does not exist; the first that the viewer may not see is an error."""
    keys: dict[str, set[UUID]] = {}
    for one in wanted:
        prefix = one.partition("_")[0]
        if key := ids.parse_id(prefix, one):
            keys.setdefault(prefix, set()).add(key)
    found: dict[str, Found] = {}
    for prefix, of_type in keys.items():
        for row in await _rows(context, prefix, sorted(of_type)):
            found[_id_of(prefix, row)] = row
    return _allowed(context, [found.get(one) for one in wanted])


def _id_of(prefix: str, row: Found) -> str:
    if isinstance(row, agencies.Found):
        return ids.public_id(prefix, row.post.agency_id)
    return ids.public_id(prefix, row.account.id if isinstance(row, Seat) else row.id)


async def _rows(context: Context, prefix: str, keys: list[UUID]) -> list[Found]:
    if prefix == ids.ACCOUNT:
        seats = [await context.seat(key) for key in keys]
        return [seat for seat in seats if seat is not None]
    if prefix == ids.AGENCY:
        found = [await agencies.find(context, ids.public_id(prefix, key)) for key in keys]
        return [one for one in found if one is not None]
    if prefix not in _READERS:
        return []
    table, read = _READERS[prefix]
    await context.open(table, keys)
    rows: list[Found] = []
    for row in await read(context.reads, keys):
        seat = await context.seat(row.account_id)
        if seat is not None and seat.sees(_location(row)):
            rows.append(row)
    return rows


def _location(row: Any) -> UUID:
    if isinstance(row, LocationRow):
        return row.id
    key: UUID = row.location.id if isinstance(row, CustomerRow | ImportRow) else row.location_id
    return key


def _allowed(context: Context, rows: Sequence[Found | None]) -> list[Found | GraphQLError | None]:
    """One error for a guarded type, however many of the ids are of it."""
    answers: list[Found | GraphQLError | None] = []
    denied = False
    for row in rows:
        refusal = _refusal(context, row)
        answers.append(row if refusal is None else None if denied else refusal)
        denied = denied or refusal is not None
    return answers


def _refusal(context: Context, row: Found | None) -> GraphQLError | None:
    if isinstance(row, ImportRow):
        try:
            context.require("BulkImport", row.account_id)
        except GraphQLError as refusal:
            return refusal
    return None
