"""Pausing, resuming and cancelling bulk imports, also while a finished list is still sending."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from uuid import UUID

from models.commands import allowance, import_progress, moves, send_hours
from models.commands.activity import SYSTEM
from models.connection import Db, execute, fetch, fetch_one, statement
from models.rules.enums import IMPORT_CANCELLED, ActivityKind, BulkImportState, MessageState
from models.rules.errors import Invalid
from models.rules.import_refusal import import_refusal, nothing_left
from models.rules.lifecycle import OPEN, UNSENT, Move, import_sources
from models.tables.bulk_import import BulkImport
from models.tables.invitation import Invitation
from models.tables.location import Location

AT_ONCE = 500
"""How many invitations of a cancelled import end, or of a resumed one are retimed, together."""


class Change(Enum):
    """Whether invitations of an import are left to be changed; GOES_ON: none, and it has rows left to process."""

    MORE = "MORE"
    DONE = "DONE"
    GOES_ON = "GOES_ON"


async def pause(tx: Db, key: UUID, now: datetime) -> None:
    """Stops reading the list, and holds what it has queued. Raises Invalid if nothing of it is left."""
    row = await locked(tx, key)
    if row.state is BulkImportState.PAUSED and row.changing_since is not None:
        raise Invalid("This import is being resumed; pause it again in a few seconds.", ["bulkImportId"])
    _require(row, BulkImportState.PAUSED, "paused")
    await _require_rest(tx, row, "paused")
    await _set(tx, row, BulkImportState.PAUSED)
    await send_hours.reflag(tx, row.location_id, now)


async def resume(tx: Db, key: UUID, now: datetime) -> None:
    """Begins to resume an import. It is PAUSED until `change_some` has delayed all that it has queued by the time it waited."""
    row = await locked(tx, key)
    if row.state is not BulkImportState.PAUSED:
        raise import_refusal(row.state, "resumed")
    if row.changing_since is None:
        await _mark(tx, key, now)


async def cancel(tx: Db, key: UUID, now: datetime) -> None:
    """Ends the import: nothing more of it is processed or sent. What was sent stays. Its invitations end with `change_some`. Raises
    Invalid if nothing of it is left."""
    row = await locked(tx, key)
    _require(row, BulkImportState.CANCELLED, "cancelled")
    if row.state is not BulkImportState.VALIDATED:
        await _require_rest(tx, row, "cancelled")
    await _set(tx, row, BulkImportState.CANCELLED)
    await BulkImport.filter(id=key).using_db(tx).update(finished_at=now)
    await _mark(tx, key, now)
    await send_hours.reflag(tx, row.location_id, now)


async def change_some(tx: Db, key: UUID, now: datetime) -> Change:
    """Retimes some invitations of an import that is being resumed, or ends some of a cancelled one."""
    row = await locked(tx, key)
    if row.changing_since is None:
        return Change.DONE
    if row.state is BulkImportState.CANCELLED:
        return await _end_some(tx, row, now)
    return await _retime_some(tx, row, row.changing_since, now)


_NEXT = """
select id, customer_id from invitation where bulk_import_id = $1 and ($2::uuid is null or id > $2) order by id limit $3
"""


async def _retime_some(tx: Db, row: BulkImport, resumed_at: datetime, now: datetime) -> Change:
    """Delays messages, and moves them into the hours; after the last ones, the import goes on."""
    found = await fetch(tx, _NEXT, row.id, row.changed_to, AT_ONCE)
    if found:
        await execute(tx, statement("import_delay"), row.id, [one["id"] for one in found], resumed_at)
        await BulkImport.filter(id=row.id).using_db(tx).update(changed_to=found[-1]["id"])
        location = await Location.get(id=row.location_id, using_db=tx)
        await send_hours.move_queued_of(tx, location, [one["customer_id"] for one in found], now)
        await import_progress.note_last_due(tx, row.id, [one["id"] for one in found])
    if len(found) == AT_ONCE:
        return Change.MORE
    await _mark(tx, row.id, None)
    await execute(tx, _DELAY_REST, row.id, resumed_at)
    await _set(tx, row, BulkImportState.RUNNING if row.is_unfinished else BulkImportState.COMPLETED)
    await execute(tx, statement("import_release"), row.id, now)
    return Change.GOES_ON if row.is_unfinished else Change.DONE


_DELAY_REST = """
-- Delays what is left to invite of a resumed import as much as what was queued ($1 import, $2 when it was resumed).
update bulk_import set next_due_at = next_due_at + coalesce(
  (select $2::timestamptz - min(flagged_at) from lane where bulk_import_id = $1), interval '0')
where id = $1
"""
_OPEN = """
select i.id from invitation i
where i.bulk_import_id = $1 and i.state = any($2::text[])
  and not exists (select 1 from message m where m.invitation_id = i.id and m.state = $3)
order by i.id limit $4
"""


async def _end_some(tx: Db, row: BulkImport, now: datetime) -> Change:
    """Ends open invitations: CANCELLED, or COMPLETED if something was sent. One whose message is being handed over ends after
    that, with the next upkeep."""
    found = await fetch(tx, _OPEN, row.id, sorted(OPEN), str(MessageState.SENDING), AT_ONCE)
    rows = [one for one in (await moves.locked(tx, [one["id"] for one in found])).values() if one.state in OPEN]
    await moves.end_messages(tx, rows, MessageState.CANCELLED)
    await moves.move(tx, rows, Move.CANCEL, IMPORT_CANCELLED, now)
    await moves.record_event(tx, rows, ActivityKind.CANCELLED, SYSTEM, now, IMPORT_CANCELLED)
    if len(found) == AT_ONCE:
        return Change.MORE
    if not await Invitation.filter(bulk_import_id=row.id, state__in=OPEN).using_db(tx).exists():
        await _mark(tx, row.id, None)
    return Change.DONE


async def changing(db: Db) -> list[UUID]:
    """Imports whose invitations are being changed."""
    return [row["id"] for row in await fetch(db, "select id from bulk_import where changing_since is not null")]


async def _mark(tx: Db, key: UUID, since: datetime | None) -> None:
    """Since when its invitations are being changed; None: no longer."""
    await BulkImport.filter(id=key).using_db(tx).update(changing_since=since, changed_to=None)


async def begin_checked(
    tx: Db, row: BulkImport, channels: Sequence[str] | None, per_hour: int | None, spread_over_days: int | None
) -> None:
    """Queues an import that a dry run has checked. Its counts begin anew; with other channels, so does the reading of the file."""
    row.dry_run, row.fence = False, row.fence + 1
    row.judged_rows = row.invited_rows = row.skipped_rows = row.invalid_rows = 0
    row.next_due_at = row.started_at = row.finished_at = None
    if channels is not None and set(channels) != set(row.channels):
        row.channels, row.parsed_rows, row.warnings = list(channels), 0, []
    if per_hour is not None or spread_over_days is not None:
        row.per_hour, row.spread_over_days = per_hour, spread_over_days
    await row.save(using_db=tx, update_fields=_BEGUN_ANEW)
    await _set(tx, row, BulkImportState.QUEUED)


_BEGUN_ANEW = (
    "dry_run", "fence", "judged_rows", "invited_rows", "skipped_rows", "invalid_rows", "next_due_at", "started_at", "finished_at",
    "channels", "parsed_rows", "warnings", "per_hour", "spread_over_days",
)  # fmt: skip


async def locked(tx: Db, key: UUID) -> BulkImport:
    """Locks the import until the transaction ends; its account first, as everywhere."""
    await allowance.lock_of(tx, "bulk_import", [key])
    return await BulkImport.filter(id=key).using_db(tx).select_for_update().get()


def _require(row: BulkImport, state: BulkImportState, what: str) -> None:
    if row.state not in import_sources(state):
        raise import_refusal(row.state, what)


_REST = """
select exists (
  select 1 from invitation i join message m on m.invitation_id = i.id
  where i.bulk_import_id = $1 and i.state = any($2::text[]) and m.state = any($3::text[])) as found
"""


async def _require_rest(tx: Db, row: BulkImport, what: str) -> None:
    if row.is_unfinished:
        return
    found = await fetch_one(tx, _REST, row.id, sorted(OPEN), sorted(UNSENT))
    if found is None or not found["found"]:
        raise nothing_left(what)


async def _set(tx: Db, row: BulkImport, state: BulkImportState) -> None:
    """A pause is no failed start."""
    await BulkImport.filter(id=row.id).using_db(tx).update(state=state, starts=0, failures=0)
    await import_progress.changed(tx, row.id)
