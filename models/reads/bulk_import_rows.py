"""Reads bulk imports, by key or by account, and their row errors."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import orjson

from models.connection import LISTS, SEARCH
from models.reads.customer_rows import LOCATION_COLUMNS, LocationRow
from models.reads.keyset import Position
from models.reads.operation import Reads
from models.rules.enums import BulkImportState, Channel, ImportRowErrorCode
from models.rules.errors import CANNOT_BE_INVITED
from models.rules.finish import Sending, expected_end, expected_share
from models.rules.row_warning import ImportRowWarning
from models.rules.scope import Scope
from models.rules.search import words_of
from models.rules.sequence import SendWindow, interval, send_windows

ENDED = frozenset(
    {BulkImportState.VALIDATED, BulkImportState.COMPLETED, BulkImportState.CANCELLED, BulkImportState.FAILED}
)
"""States that end a subscription."""


@dataclass(slots=True)
class BulkImportRow:
    """A bulk import with the location it belongs to.

    `window` is the one in which its send speed counts. Of its lanes: `rate` in messages per second beside `tokens`, `next_due` of
    any message, and whether one `is_held`. `planned`: of a dry run, the invitations that it would create, by the first day of their
    billing cycle.
    """

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
    dry_run: bool
    planned: dict[str, int]
    next_due_at: datetime | None
    last_due_at: datetime | None
    window: SendWindow
    rate: float
    tokens: float
    next_due: datetime | None
    is_held: bool

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

    @property
    def step(self) -> timedelta:
        """The open time between two first messages."""
        total = self.total_rows or 0
        return interval(self.window, per_hour=self.per_hour, over_days=self.spread_over_days, total=total)

    def finishes_at(self, now: datetime) -> datetime | None:
        """When the last first message is expected to be sent; of a dry run, when all rows are processed. None if nothing is left
        to do, or if that cannot be told now."""
        if self.state not in (BulkImportState.RUNNING, BulkImportState.COMPLETED) or self.is_held:
            return None
        sending = self._sending(now) if self.total_rows is not None else None
        return _later(sending, now) if sending and not sending.is_over(now) else None

    def _sending(self, now: datetime) -> Sending:
        left = (self.total_rows or 0) - self.processed_rows
        return Sending(
            rows_left=left,
            rows_per_second=self.rows_per_second(now),
            to_invite=0 if self.dry_run else expected_share(left, self.invited_rows, self.processed_rows),
            unsent=0 if self.dry_run else self.invited_rows - self.sent_messages,
            step=self.step,
            window=self.window,
            rate=self.rate,
            tokens=self.tokens,
            next_slot=self.next_due_at,
            last_due=self.last_due_at,
            next_due=self.next_due,
        )

    def would_finish_at(self, now: datetime) -> datetime | None:
        """When the last first message would be sent if this checked list were started now; None if nobody would be invited."""
        if not self.invited_rows:
            return None
        speed, rows = self.rows_per_second(now), self.total_rows or 0
        return _later(Sending(rows, speed, self.invited_rows, 0, self.step, self.window, self.rate, self.tokens), now)


def _later(sending: Sending, now: datetime) -> datetime | None:
    """The expected end, if it is in the future and before the last year."""
    with suppress(OverflowError):
        end = expected_end(sending, now)
        return end if end > now else None
    return None


_IMPORT = f"""
-- Imports with their location's hours, and their lanes, which have a rate of 500 once they are made.
select b.id, b.account_id, {LOCATION_COLUMNS}, b.name, b.channels, b.per_hour,
  b.spread_over_days, b.created_by, b.created_at, b.started_at, b.finished_at, b.state, b.error, b.seq, b.total_rows,
  b.invited_rows, b.skipped_rows, b.invalid_rows, b.sent_messages, b.warnings::text as warnings,
  b.dry_run, b.planned, b.next_due_at, b.last_due_at,
  l.time_zone, l.email_from_hour, l.email_until_hour, l.sms_from_hour, l.sms_until_hour, q.next_due, q.rate, q.tokens, q.is_held,
  (select s.channel from sequence_step s where s.location_id = b.location_id and s.channel = any(b.channels)
   order by s.number limit 1) as first_channel
from bulk_import b join location l on l.id = b.location_id
  cross join lateral (
    select min(la.next_due) as next_due, coalesce(min(la.rate) filter (where la.rate > 0), 500) as rate,
      coalesce(min(la.tokens), 500) as tokens, coalesce(bool_or(la.held_by is not null or la.rate <= 0), false) as is_held
    from lane la where la.location_id = b.location_id and la.channel = any(b.channels)
      and coalesce(la.bulk_import_id, '00000000-0000-0000-0000-000000000000') = b.id
  ) q
"""


def _import(row: asyncpg.Record) -> BulkImportRow:
    return BulkImportRow(
        id=row["id"],
        account_id=row["account_id"],
        location=LocationRow(row),
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
        dry_run=row["dry_run"],
        planned=orjson.loads(row["planned"]),
        next_due_at=row["next_due_at"],
        last_due_at=row["last_due_at"],
        window=send_windows(row, None)[Channel(row["first_channel"] or row["channels"][0])],
        rate=row["rate"],
        tokens=row["tokens"],
        next_due=row["next_due"],
        is_held=row["is_held"],
    )


async def by_ids(reads: Reads, keys: Sequence[UUID]) -> list[BulkImportRow]:
    """Imports by key, in any account: only `resolvers/scope.py` may call this."""
    return [_import(row) for row in await reads.rows(f"{_IMPORT} where b.id = any($1::uuid[])", list(keys))]


_IN_SCOPE = """b.account_id = $1 and ($2::uuid[] is null or b.location_id = any($2::uuid[]))
  and public.plaudit_fold(b.name) like all (array(select '%' || public.plaudit_fold(word) || '%' from unnest($3::text[]) word))"""


async def in_scope(
    reads: Reads, scope: Scope, search: str | None, limit: int, after: Position | None = None
) -> list[BulkImportRow]:
    """Imports in scope, most recent first; only those whose name has all words of the search."""
    keyset = "and (b.created_at, b.id) < ($5, $6)" if after else ""
    text = f"{_IMPORT} where {_IN_SCOPE} {keyset} order by b.created_at desc, b.id desc limit $4"
    words = words_of(search)
    given = (scope.account_id, scope.parameter, words, limit, *(after or ()))
    return [_import(row) for row in await reads.rows(text, *given, pool=SEARCH if words else LISTS)]


async def count(reads: Reads, scope: Scope, search: str | None) -> int:
    words = words_of(search)
    text = f"select count(*) from bulk_import b where {_IN_SCOPE}"
    row = await reads.row(text, scope.account_id, scope.parameter, words, pool=SEARCH if words else LISTS)
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


_PROCESSED = "bulk_import_id = $1 and row <= (select judged_rows from bulk_import where id = $1)"


async def row_errors(
    reads: Reads, bulk_import_id: UUID, scope: Scope, limit: int, after: Position | None = None
) -> list[RowError]:
    """Row errors in file order, of rows that are processed. A cause at another location is shown only to members who see all
    locations."""
    keyset = "and (row, ordinal) > ($3, $4)" if after else ""
    text = f"""select row, ordinal, column_name, value, code, message, elsewhere from import_row_error
      where {_PROCESSED} {keyset} order by row, ordinal limit $2"""
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
    row = await reads.row(f"select count(*) from import_row_error where {_PROCESSED}", bulk_import_id)
    return int(row[0]) if row else 0
