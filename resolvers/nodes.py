"""Any object by its id: read by type, then held against the viewer's scope; what lies outside does not exist."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from graphql import GraphQLError

from models.reads import bulk_import_rows, customer_search, invitation_rows, location_rows, timeline
from models.reads.bulk_import_rows import BulkImportRow
from models.reads.customer_rows import CustomerRow, InvitationRow, LocationRow, ReviewRow
from models.reads.operation import Reads
from models.reads.timeline import EventRow
from models.rules import ids
from permissions.viewer import Seat
from resolvers import agencies
from resolvers.context import Context

NodeRow = Seat | agencies.AgencySeat | LocationRow | CustomerRow | InvitationRow | EventRow | ReviewRow | BulkImportRow

_READERS: dict[str, tuple[str, Callable[[Reads, list[UUID]], Awaitable[Sequence[Any]]]]] = {
    ids.LOCATION: ("location", location_rows.by_ids),
    ids.CUSTOMER: ("customer", customer_search.by_ids),
    ids.INVITATION: ("invitation", invitation_rows.by_ids),
    ids.EVENT: ("activity_event", timeline.events),
    ids.REVIEW: ("review", invitation_rows.reviews),
    ids.BULK_IMPORT: ("bulk_import", bulk_import_rows.by_ids),
}
"""By an id's prefix: the table, and who reads it."""


async def find(context: Context, wanted: Sequence[str]) -> list[NodeRow | GraphQLError | None]:
    """In the order asked for; None for what does not exist; the first that the viewer may not see is an error."""
    keys: dict[str, set[UUID]] = {}
    for one in wanted:
        prefix = one.partition("_")[0]
        if key := ids.parse_id(prefix, one):
            keys.setdefault(prefix, set()).add(key)
    found: dict[str, NodeRow] = {}
    for prefix, of_type in keys.items():
        for row in await _rows(context, prefix, sorted(of_type)):
            found[_id_of(prefix, row)] = row
    return _allowed(context, [found.get(one) for one in wanted])


def _id_of(prefix: str, row: NodeRow) -> str:
    if isinstance(row, agencies.AgencySeat):
        return ids.public_id(prefix, row.post.agency_id)
    return ids.public_id(prefix, row.account.id if isinstance(row, Seat) else row.id)


async def _rows(context: Context, prefix: str, keys: list[UUID]) -> list[NodeRow]:
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
    rows: list[NodeRow] = []
    for row in await read(context.reads, keys):
        seat = await context.seat(row.account_id)
        if seat is not None and seat.sees(_location(row)):
            rows.append(row)
    return rows


def _location(row: Any) -> UUID:
    if isinstance(row, LocationRow):
        return row.id
    key: UUID = row.location.id if isinstance(row, CustomerRow | BulkImportRow) else row.location_id
    return key


def _allowed(context: Context, rows: Sequence[NodeRow | None]) -> list[NodeRow | GraphQLError | None]:
    """One error for a guarded type, however many of the ids are of it."""
    answers: list[NodeRow | GraphQLError | None] = []
    denied = False
    for row in rows:
        refusal = _refusal(context, row)
        answers.append(row if refusal is None else None if denied else refusal)
        denied = denied or refusal is not None
    return answers


def _refusal(context: Context, row: NodeRow | None) -> GraphQLError | None:
    if isinstance(row, BulkImportRow):
        try:
            context.require("BulkImport", row.account_id)
        except GraphQLError as refusal:
            return refusal
    return None
