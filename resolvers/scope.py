"""Looks up rows by id, and returns only those in the viewer's accounts and locations."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from models.reads import (
    bulk_import_rows,
    customer_search,
    invitation_rows,
    location_rows,
    message_rows,
    review_rows,
    suppression_rows,
    timeline,
    uploads,
)
from models.reads.bulk_import_rows import BulkImportRow
from models.reads.customer_rows import CustomerRow, InvitationRow, LocationRow, ReviewRow
from models.reads.message_rows import MessageRow
from models.reads.operation import Reads
from models.reads.suppression_rows import SuppressionRow
from models.reads.timeline import EventRow
from models.reads.uploads import UploadRow
from models.rules import ids
from models.rules.errors import NotFound
from permissions.viewer import Seat
from resolvers.context import Context


class Row(Protocol):
    """A row that belongs to an account."""

    id: UUID
    account_id: UUID


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Kind(Generic[R]):
    """A kind of row with a public id: the id's prefix, the table, the noun for messages, the function that reads rows by
    key, and the location a row belongs to; None if it is the whole account's."""

    prefix: str
    table: str
    noun: str
    read: Callable[[Reads, list[UUID]], Awaitable[list[R]]]
    location: Callable[[R], UUID | None]

    @property
    def missing(self) -> NotFound:
        """The refusal for a mutation whose id does not match a row of this kind."""
        first, *rest = self.noun.split()
        return NotFound(f"No {self.noun} has this id.", [f"{first}{''.join(rest).title()}Id"])


LOCATION: Kind[LocationRow] = Kind(ids.LOCATION, "location", "location", location_rows.by_ids, lambda row: row.id)
CUSTOMER: Kind[CustomerRow] = Kind(
    ids.CUSTOMER, "customer", "customer", customer_search.by_ids, lambda row: row.location.id
)
INVITATION: Kind[InvitationRow] = Kind(
    ids.INVITATION, "invitation", "invitation", invitation_rows.by_ids, lambda row: row.location_id
)
EVENT: Kind[EventRow] = Kind(ids.EVENT, "activity_event", "event", timeline.by_ids, lambda row: row.location_id)
REVIEW: Kind[ReviewRow] = Kind(ids.REVIEW, "review", "review", review_rows.by_ids, lambda row: row.location_id)
BULK_IMPORT: Kind[BulkImportRow] = Kind(
    ids.BULK_IMPORT, "bulk_import", "bulk import", bulk_import_rows.by_ids, lambda row: row.location.id
)
MESSAGE: Kind[MessageRow] = Kind(ids.MESSAGE, "message", "message", message_rows.by_ids, lambda row: row.location_id)
SUPPRESSION: Kind[SuppressionRow] = Kind(
    ids.SUPPRESSION, "suppression", "suppression", suppression_rows.by_ids, lambda _row: None
)
UPLOAD: Kind[UploadRow] = Kind(ids.UPLOAD, "upload", "upload", uploads.by_ids, lambda _row: None)


async def in_scope(context: Context, kind: Kind[R], keys: Sequence[UUID]) -> list[R]:
    """The rows with these keys that the viewer can see; the context remembers the seats in their accounts."""
    await context.open(kind.table, keys)
    rows = []
    for row in await kind.read(context.reads, list(keys)):
        seat = await context.seat(row.account_id)
        location_id = kind.location(row)
        if seat is not None and (location_id is None or seat.scope.sees(location_id)):
            rows.append(row)
    return rows


async def find(context: Context, kind: Kind[R], id: str, seat: Seat | None = None) -> R | None:
    """The row with this public id; None if the viewer cannot see it or, with a seat, if it belongs to another account."""
    key = ids.parse_id(kind.prefix, id)
    rows = await in_scope(context, kind, [key]) if key else []
    return next((row for row in rows if seat is None or row.account_id == seat.account.id), None)


async def reload(context: Context, kind: Kind[R], key: UUID) -> R:
    """Reads a row after a command; its account must be open."""
    (row,) = await kind.read(context.reads, [key])
    return row


def load(context: Context, kind: Kind[R], key: UUID) -> Awaitable[R]:
    """Loads a row that a row in scope refers to; several are read together."""

    async def read(keys: Sequence[UUID]) -> dict[UUID, R]:
        return {row.id: row for row in await kind.read(context.reads, list(keys))}

    return context.load(kind.table, read, key)
