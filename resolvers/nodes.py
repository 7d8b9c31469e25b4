"""Objects by id, of any type; None outside the viewer's scope."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from graphql import GraphQLError

from models.reads.bulk_import_rows import BulkImportRow
from models.reads.customer_rows import CustomerRow, InvitationRow, LocationRow, ReviewRow
from models.reads.timeline import EventRow
from models.rules import ids
from permissions.viewer import Seat
from resolvers import agencies
from resolvers.agencies import AgencySeat
from resolvers.context import Context
from resolvers.scope import BULK_IMPORT, CUSTOMER, EVENT, INVITATION, LOCATION, REVIEW, Kind, in_scope

NodeRow = Seat | AgencySeat | LocationRow | CustomerRow | InvitationRow | EventRow | ReviewRow | BulkImportRow

_KINDS: dict[str, Kind[Any]] = {
    kind.prefix: kind for kind in (LOCATION, CUSTOMER, INVITATION, EVENT, REVIEW, BULK_IMPORT)
}


async def find(context: Context, wanted: Sequence[str]) -> list[NodeRow | GraphQLError | None]:
    """The objects in the requested order: None if not found, and an error for the first that the policy denies."""
    keys: dict[str, set[UUID]] = {}
    for one in wanted:
        prefix = one.partition("_")[0]
        if key := ids.parse_id(prefix, one):
            keys.setdefault(prefix, set()).add(key)
    found: dict[str, NodeRow] = {}
    for prefix, of_kind in keys.items():
        for row in await _rows(context, prefix, sorted(of_kind)):
            found[_id_of(prefix, row)] = row
    return _allowed(context, [found.get(one) for one in wanted])


def _id_of(prefix: str, row: NodeRow) -> str:
    if isinstance(row, AgencySeat):
        return ids.public_id(prefix, row.membership.agency_id)
    return ids.public_id(prefix, row.account.id if isinstance(row, Seat) else row.id)


async def _rows(context: Context, prefix: str, keys: list[UUID]) -> Sequence[NodeRow]:
    if prefix == ids.ACCOUNT:
        seats = [await context.seat(key) for key in keys]
        return [seat for seat in seats if seat is not None]
    if prefix == ids.AGENCY:
        found = [await agencies.find(context, ids.public_id(prefix, key)) for key in keys]
        return [one for one in found if one is not None]
    return await in_scope(context, _KINDS[prefix], keys) if prefix in _KINDS else []


def _allowed(context: Context, rows: Sequence[NodeRow | None]) -> list[NodeRow | GraphQLError | None]:
    """Replaces rows that the policy denies: the first with the error, the others with None."""
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
