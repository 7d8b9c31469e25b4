"""Invites a chunk of a list in one transaction: judges all records, then invites in file order up to the allowance.

The rules are those of `models/commands/invite.py`. They exist twice because lists use set-based statements.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from models.commands import activity, allowance, day_quota, import_progress, lanes, send_hours
from models.commands.allowance import AccountTerms, CycleCount
from models.commands.day_quota import Counted
from models.commands.invite import BULK_IMPORT, paces_of, steps_of
from models.connection import Db, execute, fetch, statement
from models.rules.enums import BulkImportState, Channel, ImportRowErrorCode, InvitationState, MessageState
from models.rules.lifecycle import OPEN
from models.rules.recipient_zone import recipient_zone, zone_columns
from models.rules.sequence import RecipientZone, SendWindow, due_times, interval, step_times
from models.tables.bulk_import import BulkImport
from models.tables.location import Location, SequenceStep

SKIPPED = {
    ImportRowErrorCode.DUPLICATE_IN_FILE: "The same person already appears earlier in this file; the first record counts.",
    ImportRowErrorCode.SUPPRESSED: "This customer has opted out and can't be contacted.",
    ImportRowErrorCode.ALREADY_ACTIVE: "An open invitation to this address already exists.",
    ImportRowErrorCode.RECENTLY_INVITED: "This address was invited recently; the location's cool-down is not over.",
    ImportRowErrorCode.NO_ALLOWANCE: "The allowance was used up; import this record again after the reset.",
}


@dataclass(frozen=True, slots=True)
class ClaimedImport:
    """An import claimed by one worker; `fence` changes when another worker claims it."""

    id: UUID
    account_id: UUID
    location_id: UUID
    fence: int


@dataclass(frozen=True, slots=True)
class _List:
    """The import, and what its rows are judged by."""

    row: BulkImport
    terms: AccountTerms
    steps: list[SequenceStep]
    location: Location

    @property
    def channels(self) -> list[str]:
        return sorted({str(step.channel) for step in self.steps})

    @property
    def window(self) -> SendWindow:
        """The window of the first step, in which the send speed is measured; always open if no step is left."""
        return self.location.windows()[self.steps[0].channel] if self.steps else SendWindow("UTC", 0, 24)

    @property
    def planned(self) -> dict[str, int]:
        """In a dry run, how many invitations earlier chunks would have created, by cycle."""
        return self.row.planned if self.row.dry_run else {}

    @property
    def has_speed(self) -> bool:
        return bool(self.row.per_hour or self.row.spread_over_days)


class FencedError(Exception):
    """Another worker has taken over the import, or it is no longer running."""


async def take_chunk(tx: Db, claimed: ClaimedImport, up_to: int, now: datetime) -> None:
    """Judges the records up to this one and invites those that pass."""
    wanted = await _list(tx, claimed)
    after: int = wanted.row.judged_rows
    await _forget(tx, wanted, after, up_to)
    await _judge(tx, wanted, after, up_to, now)
    rows = await _accepted(tx, wanted, after, up_to, now)
    start: datetime = max(wanted.row.next_due_at or now, now)
    today = await day_quota.room(tx, wanted.terms, Counted.TAKEN_IN, now) - sum(wanted.planned.values())
    taken, next_due = await _allot(tx, wanted, rows, start, now, today)
    await _skip_rest(tx, wanted, [row.number for row in rows if row.number not in taken], now, today - len(taken))
    if wanted.row.dry_run:
        await _plan(tx, wanted, taken, now)
    else:
        await day_quota.count(tx, wanted.terms, Counted.TAKEN_IN, len(taken), now)
        await _store(tx, wanted, [row for row in rows if row.number in taken], taken, now)
    await _add_row_errors(tx, claimed, after, up_to)
    await _count(tx, claimed, after, up_to, len(taken), next_due)


async def _list(tx: Db, claimed: ClaimedImport) -> _List:
    terms = await allowance.lock_one(tx, claimed.account_id)
    row = await (
        BulkImport.filter(id=claimed.id, fence=claimed.fence, state=BulkImportState.RUNNING)
        .using_db(tx)
        .select_for_update()
        .get_or_none()
    )
    if row is None:
        raise FencedError
    location = await Location.get(id=row.location_id, using_db=tx)
    return _List(row, terms, await steps_reached(tx, row.location_id, row.channels, terms.facts.steps), location)


async def steps_reached(tx: Db, location_id: UUID, channels: Sequence[str], most: int) -> list[SequenceStep]:
    """The steps of a location on these channels, as many as the plan includes."""
    return [step for step in (await steps_of(tx, location_id))[:most] if step.channel in channels]


async def _judge(tx: Db, wanted: _List, after: int, up_to: int, now: datetime) -> None:
    cool_down = timedelta(days=wanted.location.cool_down_days)
    await execute(
        tx,
        statement("import_judge"),
        wanted.row.id,
        after,
        up_to,
        wanted.row.account_id,
        wanted.channels,
        sorted(OPEN),
        now - cool_down if cool_down else None,
        wanted.row.location_id,
    )


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A record that can be invited: its steps with a known address, and the zone of its person."""

    number: int
    steps: list[SequenceStep]
    zone: RecipientZone | None


_ACCEPTED = """
-- Which records of a chunk can be invited, and which phone will their customer have ($1 import, $2 after this row, $3 up to
-- this row, $4 account, $5 location)?
select r.row, r.email, r.phone, coalesce(c.phone, r.phone) as reached_at
from import_row r left join customer c on c.account_id = $4 and c.location_id = $5 and c.email = r.email
where r.bulk_import_id = $1 and r.row > $2 and r.row <= $3 and r.code is null order by r.row
"""


async def _accepted(tx: Db, wanted: _List, after: int, up_to: int, now: datetime) -> list[_Accepted]:
    given = wanted.row
    rows = await fetch(tx, _ACCEPTED, given.id, after, up_to, given.account_id, given.location_id)
    home = wanted.location.time_zone
    return [
        _Accepted(row["row"], _steps(wanted, row), recipient_zone(row["reached_at"], home, now.year)) for row in rows
    ]


def _steps(wanted: _List, row: asyncpg.Record) -> list[SequenceStep]:
    has = {Channel.EMAIL: row["email"] is not None, Channel.SMS: row["phone"] is not None}
    return [step for step in wanted.steps if has[step.channel]]


@dataclass(frozen=True, slots=True)
class _Slot:
    """The due times of a record's steps, and the cycle in which allowance is reserved."""

    times: list[datetime]
    cycle: date


async def _allot(
    tx: Db, wanted: _List, rows: Sequence[_Accepted], start: datetime, now: datetime, most: int
) -> tuple[dict[int, _Slot], datetime]:
    """Assigns at most `most` slots in file order, within the allowance of each slot's cycle. Returns them, and the time at
    which the next chunk continues."""
    step = interval(
        wanted.window,
        per_hour=wanted.row.per_hour,
        over_days=wanted.row.spread_over_days,
        total=wanted.row.total_rows or 0,
    )
    rooms: dict[date, int] = {}
    taken: dict[int, _Slot] = {}
    times = due_times(start, step, wanted.window)
    at = next(times)
    for row in rows:
        due = _times(wanted, row, at)
        cycle = wanted.terms.cycle(due[0]).starts_on
        if cycle not in rooms:
            room = await allowance.room(tx, wanted.terms, wanted.row.location_id, cycle, now)
            rooms[cycle] = room - wanted.planned.get(cycle.isoformat(), 0)
        if rooms[cycle] > 0 and len(taken) < most:
            rooms[cycle] -= 1
            taken[row.number] = _Slot(due, cycle)
            at = next(times)
    return taken, at


def _times(wanted: _List, row: _Accepted, start: datetime) -> list[datetime]:
    windows = wanted.location.windows(row.zone)
    return step_times(
        start, paces_of(row.steps, is_timed=wanted.has_speed), [windows[step.channel] for step in row.steps]
    )


async def _plan(tx: Db, wanted: _List, taken: dict[int, _Slot], now: datetime) -> None:
    """Counts what a dry run would have created. The current cycle is always there, which tells later that there was one."""
    cycles = Counter(slot.cycle for slot in taken.values())
    planned = {wanted.terms.cycle(now).starts_on.isoformat(): 0} | wanted.planned
    for cycle, number in cycles.items():
        planned[cycle.isoformat()] = planned.get(cycle.isoformat(), 0) + number
    await BulkImport.filter(id=wanted.row.id).using_db(tx).update(planned=planned)


_FORGET = """
with judged as (
  update import_row set code = null, elsewhere = false
  where bulk_import_id = $1 and row > $2 and row <= $3 and code = any($4::text[]) returning row
)
delete from import_row_error e using judged where e.bulk_import_id = $1 and e.row = judged.row and e.code = any($4::text[])
"""


async def _forget(tx: Db, wanted: _List, after: int, up_to: int) -> None:
    """After a dry run, forgets its verdicts: they are given anew."""
    if wanted.row.planned and not wanted.row.dry_run:
        await execute(tx, _FORGET, wanted.row.id, after, up_to, [str(code) for code in SKIPPED])


_SKIP = """
with refused as (
  update import_row set code = $3 where bulk_import_id = $1 and row = any($2::int[])
  returning bulk_import_id, account_id, row, code)
insert into import_row_error (bulk_import_id, account_id, row, ordinal, code, message)
select bulk_import_id, account_id, row, 0, code, $4 from refused
"""


async def _skip_rest(tx: Db, wanted: _List, rows: Sequence[int], now: datetime, left_today: int) -> None:
    """Skips the records that exceed the allowance or the daily limit."""
    code = ImportRowErrorCode.NO_ALLOWANCE
    message = SKIPPED[code]
    if left_today <= 0:
        again = day_quota.again_at(wanted.terms, now)
        message = (
            f"The account had created as many invitations as it can in a day; import this record again after {again}."
        )
    await execute(tx, _SKIP, wanted.row.id, list(rows), str(code), message)


async def _store(tx: Db, wanted: _List, rows: Sequence[_Accepted], taken: dict[int, _Slot], now: datetime) -> None:
    if not rows:
        return
    given, numbers = wanted.row, [row.number for row in rows]
    place = (given.account_id, given.location_id)
    zones = [list(column) for column in zip(*(zone_columns(row.zone) for row in rows), strict=True)]
    await execute(tx, statement("import_customers_found"), given.id, numbers, *place)
    filled = await fetch(tx, statement("import_customers_filled"), given.id, numbers, *zones)
    await execute(tx, statement("import_customers_made"), given.id, numbers, *place, BULK_IMPORT, now, *zones)
    moved = [row["id"] for row in filled if row["moved"]]
    await send_hours.move_queued_of(tx, wanted.location, moved, now)
    by_channel = {
        step.channel: await lanes.lane_for(tx, given.location_id, step.channel, now, given.id) for step in wanted.steps
    }
    messages = _messages(wanted, rows, taken, by_channel)
    await execute(
        tx,
        statement("import_invite"),
        given.id,
        *place,
        str(InvitationState.QUEUED),
        str(MessageState.SCHEDULED),
        now,
        BULK_IMPORT,
        given.name,
        given.created_by,
        numbers,
        [taken[number].cycle for number in numbers],
        [_channels(row) for row in rows],
        *(list(column) for column in zip(*messages, strict=True)),
    )
    await activity.notify_account(tx, given.account_id)
    cycles = Counter(taken[number].cycle for number in numbers)
    await allowance.reserve(tx, [CycleCount(*place, cycle, number) for cycle, number in cycles.items()])
    await lanes.wake(tx, [(message[3], message[7]) for message in messages])


def _channels(row: _Accepted) -> str:
    """The channels that this record is contacted on, separated by commas."""
    return ",".join(sorted({str(step.channel) for step in row.steps}))


Message = tuple[int, int, str, UUID, UUID, int, int | None, datetime]
"""Row, step, channel, lane, template, seconds after the first step, minute of the day, due time."""


def _messages(
    wanted: _List, rows: Sequence[_Accepted], taken: dict[int, _Slot], lane: dict[Channel, UUID]
) -> list[Message]:
    return [
        (
            row.number,
            step.number,
            str(step.channel),
            lane[step.channel],
            step.template_id,
            step.after_seconds,
            pace.minute,
            due,
        )
        for row in rows
        for step, pace, due in zip(
            row.steps, paces_of(row.steps, is_timed=wanted.has_speed), taken[row.number].times, strict=True
        )
    ]


_ADD_ROW_ERRORS = """
insert into import_row_error (bulk_import_id, account_id, row, ordinal, code, message, elsewhere)
select r.bulk_import_id, r.account_id, r.row, 0, r.code, m.message, r.elsewhere
from import_row r join unnest($4::text[], $5::text[]) as m (code, message) on m.code = r.code
where r.bulk_import_id = $1 and r.row > $2 and r.row <= $3
on conflict do nothing
"""


async def _add_row_errors(tx: Db, claimed: ClaimedImport, after: int, up_to: int) -> None:
    codes = [str(code) for code in SKIPPED]
    await execute(tx, _ADD_ROW_ERRORS, claimed.id, after, up_to, codes, list(SKIPPED.values()))


_COUNT = """
update bulk_import b set judged_rows = $3, invited_rows = invited_rows + $4, skipped_rows = skipped_rows + c.skipped,
  invalid_rows = invalid_rows + c.invalid, next_due_at = $5, starts = 0, failures = 0
from (
  select count(*) filter (where code = any($6::text[])) as skipped,
    count(*) filter (where code <> all($6::text[])) as invalid
  from import_row where bulk_import_id = $1 and row > $2 and row <= $3 and code is not null
) c
where b.id = $1
"""


async def _count(tx: Db, claimed: ClaimedImport, after: int, up_to: int, invited: int, next_due: datetime) -> None:
    codes = [str(code) for code in SKIPPED]
    await execute(tx, _COUNT, claimed.id, after, up_to, invited, next_due, codes)
    await import_progress.changed(tx, claimed.id)
