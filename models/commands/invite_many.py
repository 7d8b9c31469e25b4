"""Invites a chunk of a list in one transaction: up to the allowance, in file order, by the same rules as one customer (see
`models/commands/intake.py`)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from models.commands import allowance, import_progress, intake_rows
from models.commands.activity import Actor
from models.commands.allowance import AccountTerms
from models.commands.intake import Accepted, Candidate, Intake, Person, Rooms, allot, judge
from models.commands.row_verdicts import INVALID, SKIPPED, Refused, refuse
from models.commands.sequences import planned_steps
from models.connection import Db, execute, fetch, statement
from models.rules.enums import ActorKind, BulkImportState, Channel
from models.rules.errors import Refusal
from models.rules.sequence import SendWindow, due_times, interval
from models.tables.bulk_import import BulkImport
from models.tables.location import Location

SOURCE = "Bulk import"


@dataclass(frozen=True, slots=True)
class ClaimedImport:
    """An import claimed by one worker; `fence` changes when another worker claims it."""

    id: UUID
    account_id: UUID
    location_id: UUID
    fence: int


class FencedError(Exception):
    """Another worker has taken over the import, or it is no longer running."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The people of a chunk by their rows: the candidates, and those who are listed before."""

    candidates: Mapping[int, Candidate]
    twice: Mapping[int, Candidate]


async def take_chunk(tx: Db, claimed: ClaimedImport, up_to: int, now: datetime) -> None:
    """Judges the records up to this one and invites those that pass."""
    terms = await allowance.lock_one(tx, claimed.account_id)
    row = await _running(tx, claimed)
    intake = await _intake(tx, row, terms)
    await _forget(tx, row, up_to)
    chunk = await _chunk(tx, row, intake, up_to)
    judged = await judge(tx, intake, list(chunk.candidates.values()), now)
    given, next_due = await allot(_rooms(tx, row, intake, now), intake, judged, _starts(row, intake, now))
    accepted = [one for one in given if isinstance(one, Accepted)]
    if row.dry_run:
        await _plan(tx, row, intake, accepted, now)
    else:
        await intake_rows.store(tx, intake, accepted, now)
    refused = {
        number: (candidate, one)
        for (number, candidate), one in zip(chunk.candidates.items(), given, strict=True)
        if isinstance(one, Refusal)
    }
    skipped = await refuse(tx, row, Refused(chunk.twice, refused))
    await _count(tx, row, up_to, accepted, skipped, next_due)


async def _running(tx: Db, claimed: ClaimedImport) -> BulkImport:
    row = await (
        BulkImport.filter(id=claimed.id, fence=claimed.fence, state=BulkImportState.RUNNING)
        .using_db(tx)
        .select_for_update()
        .get_or_none()
    )
    if row is None:
        raise FencedError
    return row


async def _intake(tx: Db, row: BulkImport, terms: AccountTerms) -> Intake:
    return Intake(
        terms=terms,
        location=await Location.get(id=row.location_id, using_db=tx),
        steps=await planned_steps(tx, row.location_id, terms.facts),
        channels=[Channel(name) for name in row.channels],
        actor=Actor(ActorKind.MEMBER, row.created_by),
        source=SOURCE,
        is_timed=row.has_speed,
        bulk_import_id=row.id,
        import_name=row.name,
    )


async def _chunk(tx: Db, row: BulkImport, intake: Intake, up_to: int) -> _Chunk:
    invalid = [str(code) for code in INVALID]
    to_phones = Channel.SMS in intake.reached
    rows = await fetch(tx, statement("import_chunk"), row.id, row.judged_rows, up_to, invalid, to_phones)
    people = {one["row"]: _candidate(one) for one in rows}
    twice = {one["row"] for one in rows if one["twice"]}
    return _Chunk(
        {number: person for number, person in people.items() if number not in twice},
        {number: person for number, person in people.items() if number in twice},
    )


def _candidate(row: asyncpg.Record) -> Candidate:
    person = Person(row["first_name"], row["last_name"], row["email"], row["phone"], row["phone_national"])
    return Candidate(person, row["employee"], row["service"])


def _rooms(tx: Db, row: BulkImport, intake: Intake, now: datetime) -> Rooms:
    return Rooms(tx, intake, now, row.planned if row.dry_run else {})


def _starts(row: BulkImport, intake: Intake, now: datetime) -> Iterator[datetime]:
    """When invitations begin, at the send speed, which is measured in the window of the first step."""
    steps = intake.paced(intake.channels)
    window = intake.location.windows()[steps[0][0].channel] if steps else SendWindow("UTC", 0, 24)
    step = interval(window, per_hour=row.per_hour, over_days=row.spread_over_days, total=row.total_rows or 0)
    return due_times(max(row.next_due_at or now, now), step, window)


async def _plan(tx: Db, row: BulkImport, intake: Intake, accepted: Sequence[Accepted], now: datetime) -> None:
    """Counts what a dry run would have created. The current cycle is always there, which tells later that there was one."""
    planned = Counter({intake.terms.cycle(now).starts_on.isoformat(): 0} | row.planned)
    planned.update(one.cycle.isoformat() for one in accepted)
    await BulkImport.filter(id=row.id).using_db(tx).update(planned=dict(planned))


_FORGET = """
with judged as (
  update import_row set code = null
  where bulk_import_id = $1 and row > $2 and row <= $3 and code = any($4::text[]) returning row
)
delete from import_row_error e using judged where e.bulk_import_id = $1 and e.row = judged.row and e.code = any($4::text[])
"""


async def _forget(tx: Db, row: BulkImport, up_to: int) -> None:
    """After a dry run, forgets its verdicts: they are given anew."""
    if row.planned and not row.dry_run:
        await execute(tx, _FORGET, row.id, row.judged_rows, up_to, [str(code) for code in SKIPPED])


_COUNT = """
update bulk_import set judged_rows = $2, invited_rows = invited_rows + $3, skipped_rows = skipped_rows + $4,
  invalid_rows = invalid_rows + $5, next_due_at = $6, starts = 0, failures = 0, last_due_at = greatest(last_due_at, $7)
where id = $1
"""


async def _count(
    tx: Db, row: BulkImport, up_to: int, accepted: Sequence[Accepted], skipped: int, next_due: datetime
) -> None:
    """Counts verdicts, and notes when the last first message is due."""
    invalid = up_to - row.judged_rows - len(accepted) - skipped
    last_due = None if row.dry_run else max((one.times[0] for one in accepted), default=None)
    await execute(tx, _COUNT, row.id, up_to, len(accepted), skipped, invalid, next_due, last_due)
    await import_progress.changed(tx, row.id)
