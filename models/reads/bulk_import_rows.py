"""Reads bulk imports, by key or by account, and their row errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import orjson

from models.reads.customer_rows import LocationRow
from models.reads.keyset import Position
from models.reads.operation import Reads
from models.rules.enums import BulkImportState, Channel, ImportRowErrorCode
from models.rules.errors import CANNOT_BE_INVITED
from models.rules.row_warning import ImportRowWarning
from models.rules.scope import Scope

ENDED = frozenset(
    {BulkImportState.VALIDATED, BulkImportState.COMPLETED, BulkImportState.CANCELLED, BulkImportState.FAILED}
)
"""States that end a subscription."""


@dataclass(slots=True)
class BulkImportRow:
    """A bulk import with the location it belongs to."""

    id: UUID
    account_id: UUID
    location: LocationRow
    name: str
    channels: list[Channel]
    per_hour: int | None
    spread_over_days: int | None
    created_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    state: BulkImportState
    error: str | None
    seq: int
    total_rows: int | None
    invited_rows: int
    skipped_rows: int
    invalid_rows: int
    sent_messages: int
    warnings: list[ImportRowWarning]

    @property
    def processed_rows(self) -> int:
        return self.invited_rows + self.skipped_rows + self.invalid_rows

    @property
    def percent(self) -> float | None:
        if self.state in (BulkImportState.COMPLETED, BulkImportState.VALIDATED):
            return 100.0
        return round(100.0 * self.processed_rows / self.total_rows, 1) if self.total_rows else None

    def rows_per_second(self, now: datetime) -> float | None:
        if self.started_at is None or not self.processed_rows:
            return None
        seconds = ((self.finished_at or now) - self.started_at).total_seconds()
        return self.processed_rows / seconds if seconds > 0 else None

    def finishes_at(self, now: datetime) -> datetime | None:
        speed = self.rows_per_second(now)
        if self.state is not BulkImportState.RUNNING or not speed or self.total_rows is None:
            return None
        return now + timedelta(seconds=(self.total_rows - self.processed_rows) / speed)


_IMPORT = """
select b.id, b.account_id, b.location_id, l.name as location_name, l.time_zone, b.name, b.channels, b.per_hour,
  b.spread_over_days, b.created_by, b.created_at, b.started_at, b.finished_at, b.state, b.error, b.seq, b.total_rows,
  b.invited_rows, b.skipped_rows, b.invalid_rows, b.sent_messages, b.warnings::text as warnings
from bulk_import b join location l on l.id = b.location_id
"""


def _import(row: asyncpg.Record) -> BulkImportRow:
    return BulkImportRow(
        id=row["id"],
        account_id=row["account_id"],
        location=LocationRow(row["location_id"], row["account_id"], row["location_name"], row["time_zone"]),
        name=row["name"],
        channels=[Channel(channel) for channel in row["channels"]],
        per_hour=row["per_hour"],
        spread_over_days=row["spread_over_days"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        state=BulkImportState(row["state"]),
        error=row["error"],
        seq=row["seq"],
        total_rows=row["total_rows"],
        invited_rows=row["invited_rows"],
        skipped_rows=row["skipped_rows"],
        invalid_rows=row["invalid_rows"],
        sent_messages=row["sent_messages"],
        warnings=[ImportRowWarning.of(one) for one in orjson.loads(row["warnings"])],
    )


async def by_ids(reads: Reads, keys: Sequence[UUID]) -> list[BulkImportRow]:
    """Imports by key, in any account: only `resolvers/scope.py` may call this."""
    return [_import(row) for row in await reads.rows(f"{_IMPORT} where b.id = any($1::uuid[])", list(keys))]


async def in_scope(reads: Reads, scope: Scope, limit: int, after: Position | None = None) -> list[BulkImportRow]:
    """Imports in scope, most recent first."""
    keyset = "and (b.created_at, b.id) < ($4, $5)" if after else ""
    text = f"""{_IMPORT} where b.account_id = $1 and ($2::uuid[] is null or b.location_id = any($2::uuid[])) {keyset}
      order by b.created_at desc, b.id desc limit $3"""
    rows = await reads.rows(text, scope.account_id, scope.parameter, limit, *(after or ()))
    return [_import(row) for row in rows]


async def count(reads: Reads, scope: Scope) -> int:
    row = await reads.row(
        "select count(*) from bulk_import where account_id = $1 and ($2::uuid[] is null or location_id = any($2::uuid[]))",
        scope.account_id,
        scope.parameter,
    )
    return int(row[0]) if row else 0


@dataclass(slots=True)
class RowError:
    """`row` counts the file's records from 1; `ordinal` orders the errors of one row."""

    row: int
    ordinal: int
    column: str | None
    value: str | None
    code: ImportRowErrorCode
    message: str


async def row_errors(
    reads: Reads, bulk_import_id: UUID, scope: Scope, limit: int, after: Position | None = None
) -> list[RowError]:
    """Row errors in file order. A cause at another location is shown only to members who see all locations."""
    keyset = "and (row, ordinal) > ($3, $4)" if after else ""
    text = f"""select row, ordinal, column_name, value, code, message, elsewhere from import_row_error
      where bulk_import_id = $1 {keyset} order by row, ordinal limit $2"""
    rows = await reads.rows(text, bulk_import_id, limit, *(after or ()))
    return [
        RowError(
            row["row"],
            row["ordinal"],
            row["column_name"],
            row["value"],
            ImportRowErrorCode(row["code"]),
            CANNOT_BE_INVITED if row["elsewhere"] and not scope.all_locations else row["message"],
        )
        for row in rows
    ]


async def count_row_errors(reads: Reads, bulk_import_id: UUID) -> int:
    row = await reads.row("select count(*) from import_row_error where bulk_import_id = $1", bulk_import_id)
    return int(row[0]) if row else 0
