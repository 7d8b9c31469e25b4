"""The one way from an id to a row: read by key, then kept only if it lies within the viewer's accounts and locations."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from models.reads import bulk_import_rows, customer_search, invitation_rows, location_rows, review_rows, timeline
from models.reads.bulk_import_rows import BulkImportRow
from models.reads.customer_rows import CustomerRow, InvitationRow, LocationRow, ReviewRow
from models.reads.operation import Reads
from models.reads.timeline import EventRow
from models.rules import ids
from models.rules.errors import NotFound
from permissions.viewer import Seat
from resolvers.context import Context


class Row(Protocol):
    """What belongs to an account."""

    id: UUID
    account_id: UUID


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Kind(Generic[R]):
    """A kind of row that has a public id: the id's prefix, the table, the noun, who reads it, and which location it
    belongs to."""

    prefix: str
    table: str
    noun: str
    read: Callable[[Reads, list[UUID]], Awaitable[list[R]]]
    location: Callable[[R], UUID]

    @property
    def missing(self) -> NotFound:
        """The refusal of a mutation that names no row of this kind."""
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


async def in_scope(context: Context, kind: Kind[R], keys: Sequence[UUID]) -> list[R]:
    """The rows of these keys that exist for the viewer; the seat in each one's account is noted."""
    await context.open(kind.table, keys)
    rows = []
    for row in await kind.read(context.reads, list(keys)):
        seat = await context.seat(row.account_id)
        if seat is not None and seat.scope.sees(kind.location(row)):
            rows.append(row)
    return rows


async def find(context: Context, kind: Kind[R], id: str, seat: Seat | None = None) -> R | None:
    """The row of this public id; None where it does not exist for the viewer or, with a seat, in that account."""
    key = ids.parse_id(kind.prefix, id)
    rows = await in_scope(context, kind, [key]) if key else []
    return next((row for row in rows if seat is None or row.account_id == seat.account.id), None)


async def again(context: Context, kind: Kind[R], key: UUID) -> R:
    """A row as it is after a command; its account is open."""
    (row,) = await kind.read(context.reads, [key])
    return row


def load(context: Context, kind: Kind[R], key: UUID) -> Awaitable[R]:
    """A row that a row in scope refers to; those of many parents are read at once."""

    async def read(keys: Sequence[UUID]) -> dict[UUID, R]:
        return {row.id: row for row in await kind.read(context.reads, list(keys))}

    return context.load(kind.table, read, key)
