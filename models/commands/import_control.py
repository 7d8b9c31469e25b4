"""Pausing, resuming and cancelling bulk imports, also while a finished list is still sending."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.commands import allowance, import_progress, moves, send_hours
from models.commands.activity import SYSTEM, Actor
from models.connection import Db, execute, fetch, fetch_one, statement
from models.rules.enums import IMPORT_CANCELLED, ActivityKind, BulkImportState, MessageState
from models.rules.errors import Invalid
from models.rules.lifecycle import OPEN, UNSENT, Move, import_sources
from models.tables.bulk_import import BulkImport
from models.tables.location import Location

AT_ONCE = 500
"""How many invitations of a cancelled import end, or of a resumed one are retimed, together."""


async def pause(tx: Db, key: UUID, now: datetime) -> None:
    """Stops reading the list, and holds what it has queued. Raises Invalid if nothing of it is left."""
    row = await _locked(tx, key)
    if row.resuming_at is not None:
        raise Invalid("This import is being resumed; pause it again in a few seconds.", ["bulkImportId"])
    _require(row, BulkImportState.PAUSED, "paused")
    await _require_rest(tx, row, "paused")
    await _set(tx, row, BulkImportState.PAUSED)
    await send_hours.reflag(tx, row.location_id, now)


async def resume(tx: Db, key: UUID, now: datetime) -> None:
    """Begins to resume an import. `resume_some` delays what it has queued by the time it waited; until that is done it is
    PAUSED."""
    row = await _locked(tx, key)
    if row.state is not BulkImportState.PAUSED:
        raise Invalid(f"This import is {row.state}; only one that is PAUSED can be resumed.", ["bulkImportId"])
    if row.resuming_at is None:
        await BulkImport.filter(id=key).using_db(tx).update(resuming_at=now, resumed_to=None)


_NEXT = """
select id, customer_id from invitation where bulk_import_id = $1 and ($2::uuid is null or id > $2) order by id limit $3
"""


async def resume_some(tx: Db, key: UUID, now: datetime) -> BulkImportState | None:
    """Delays the messages of some invitations of an import that is being resumed, and moves them into the hours. Returns the state
    in which it goes on, once that was done for all."""
    row = await _locked(tx, key)
    if row.state is not BulkImportState.PAUSED or row.resuming_at is None:
        return row.state
    found = await fetch(tx, _NEXT, key, row.resumed_to, AT_ONCE)
    if found:
        await execute(tx, statement("import_delay"), key, [one["id"] for one in found], row.resuming_at)
        await BulkImport.filter(id=key).using_db(tx).update(resumed_to=found[-1]["id"])
        location = await Location.get(id=row.location_id, using_db=tx)
        await send_hours.move_queued_of(tx, location, [one["customer_id"] for one in found], now)
    if len(found) == AT_ONCE:
        return None
    state = BulkImportState.RUNNING if row.is_unfinished else BulkImportState.COMPLETED
    await BulkImport.filter(id=key).using_db(tx).update(resuming_at=None, resumed_to=None)
    await _set(tx, row, state)
    await execute(tx, statement("import_release"), key, now)
    return state


async def cancel(tx: Db, key: UUID, now: datetime) -> None:
    """Ends the import: nothing more of it is processed or sent. What was sent stays. Its invitations end with `end_some`. Raises
    Invalid if nothing of it is left."""
    row = await _locked(tx, key)
    _require(row, BulkImportState.CANCELLED, "cancelled")
    if row.state is not BulkImportState.VALIDATED:
        await _require_rest(tx, row, "cancelled")
    await _set(tx, row, BulkImportState.CANCELLED)
    await BulkImport.filter(id=key).using_db(tx).update(finished_at=now)
    await send_hours.reflag(tx, row.location_id, now)


async def begin_checked(
    tx: Db, key: UUID, channels: Sequence[str] | None, per_hour: int | None, spread_over_days: int | None
) -> None:
    """Queues an import that a dry run has checked. Its counts begin anew; with other channels, so does the reading of the file."""
    row = await _locked(tx, key)
    row.dry_run, row.fence = False, row.fence + 1
    row.judged_rows = row.invited_rows = row.skipped_rows = row.invalid_rows = 0
    row.next_due_at = row.started_at = row.finished_at = None
    if channels is not None and set(channels) != set(row.channels):
        row.channels, row.parsed_rows = list(channels), 0
    if per_hour is not None or spread_over_days is not None:
        row.per_hour, row.spread_over_days = per_hour, spread_over_days
    await row.save(using_db=tx, update_fields=_BEGUN_ANEW)
    await _set(tx, row, BulkImportState.QUEUED)


_BEGUN_ANEW = (
    "dry_run", "fence", "judged_rows", "invited_rows", "skipped_rows", "invalid_rows", "next_due_at", "started_at", "finished_at",
    "channels", "parsed_rows", "per_hour", "spread_over_days",
)  # fmt: skip


async def _locked(tx: Db, key: UUID) -> BulkImport:
    """The account first, as everywhere."""
    await allowance.lock_of(tx, "bulk_import", [key])
    return await BulkImport.filter(id=key).using_db(tx).select_for_update().get()


def _require(row: BulkImport, state: BulkImportState, what: str) -> None:
    if row.state not in import_sources(state):
        raise Invalid(f"This import is {row.state}; it cannot be {what}.", ["bulkImportId"])


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
        raise Invalid(
            f"Everything of this import is processed and sent; nothing is left to be {what}.", ["bulkImportId"]
        )


async def _set(tx: Db, row: BulkImport, state: BulkImportState) -> None:
    """A pause is no failed start."""
    await BulkImport.filter(id=row.id).using_db(tx).update(state=state, starts=0, failures=0)
    await import_progress.changed(tx, row.id)


_OPEN = """
select i.id from invitation i
where i.bulk_import_id = $1 and i.state = any($2::text[])
  and not exists (select 1 from message m where m.invitation_id = i.id and m.state = $3)
order by i.id limit $4
"""


async def end_some(tx: Db, key: UUID, now: datetime, actor: Actor = SYSTEM) -> int:
    """Ends some open invitations of a cancelled import: CANCELLED, or COMPLETED if something was sent. One whose message is being
    handed over ends after that. Returns how many."""
    await allowance.lock_of(tx, "bulk_import", [key])
    found = await fetch(tx, _OPEN, key, sorted(OPEN), str(MessageState.SENDING), AT_ONCE)
    rows = [row for row in (await moves.locked(tx, [one["id"] for one in found])).values() if row.state in OPEN]
    await moves.end_messages(tx, rows, MessageState.CANCELLED)
    await moves.move(tx, rows, Move.CANCEL, IMPORT_CANCELLED, now)
    await moves.record_event(tx, rows, ActivityKind.CANCELLED, actor, now, IMPORT_CANCELLED)
    return len(rows)


_CANCELLED = """
-- Which cancelled imports have open invitations ($1 open states)?
select b.id from bulk_import b
where b.state = 'CANCELLED' and exists (
  select 1 from invitation i where i.bulk_import_id = b.id and i.state = any($1::text[]))
"""


async def unended(db: Db) -> list[UUID]:
    """Cancelled imports with open invitations."""
    return [row["id"] for row in await fetch(db, _CANCELLED, sorted(OPEN))]


async def being_resumed(db: Db) -> list[UUID]:
    return [row["id"] for row in await fetch(db, "select id from bulk_import where resuming_at is not null")]
