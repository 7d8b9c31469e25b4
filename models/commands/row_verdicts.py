"""Why rows of a list are not invited: stored with the column and the address that are the reason, as the file has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from models.commands.intake import Candidate
from models.connection import Db, execute, fetch, statement
from models.rules.enums import Channel, ImportField, ImportRowErrorCode, UserErrorCode
from models.rules.errors import Refusal
from models.rules.shown import shown_email
from models.tables.bulk_import import BulkImport

CODES = {
    UserErrorCode.SUPPRESSED: ImportRowErrorCode.SUPPRESSED,
    UserErrorCode.ALREADY_ACTIVE: ImportRowErrorCode.ALREADY_ACTIVE,
    UserErrorCode.RECENTLY_INVITED: ImportRowErrorCode.RECENTLY_INVITED,
    UserErrorCode.ALLOWANCE_EXCEEDED: ImportRowErrorCode.NO_ALLOWANCE,
    UserErrorCode.MISSING_CONTACT: ImportRowErrorCode.MISSING_CONTACT,
}
"""What a refusal is called in a list."""
INVALID = frozenset(
    {
        ImportRowErrorCode.MALFORMED,
        ImportRowErrorCode.TOO_LONG,
        ImportRowErrorCode.MISSING_CONTACT,
        ImportRowErrorCode.INVALID_EMAIL,
        ImportRowErrorCode.INVALID_PHONE,
    }
)
"""The codes of records that are counted as invalid; those with another code are skipped."""
SKIPPED = frozenset(ImportRowErrorCode) - INVALID
_FIELDS = {Channel.EMAIL: ImportField.EMAIL, Channel.SMS: ImportField.PHONE}
_TWICE = {
    Channel.EMAIL: "Row {} of this file has the same mailbox; only the first of such records is invited.",
    Channel.SMS: "Row {} of this file has the same phone number; only the first of such records is invited.",
}


@dataclass(frozen=True, slots=True)
class Refused:
    """The rows of a chunk that are not invited: those listed before, and those that are refused, with the refusals."""

    twice: Mapping[int, Candidate]
    others: Mapping[int, tuple[Candidate, Refusal]]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Why a row is not invited. `channel`: of the address that is the reason. `elsewhere`: whether the reason lies at another
    location, which not every viewer may see."""

    row: int
    candidate: Candidate
    code: ImportRowErrorCode
    message: str
    channel: Channel | None
    elsewhere: bool = False


_REFUSE = """
with refused as materialized (
  select * from unnest($3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bool[])
    as r (row, code, message, column_name, value, elsewhere)
), noted as (
  update import_row i set code = refused.code from refused where i.bulk_import_id = $1 and i.row = refused.row
)
insert into import_row_error (bulk_import_id, account_id, row, ordinal, code, message, column_name, value, elsewhere)
select $1, $2, row, 0, code, message, column_name, value, elsewhere from refused
"""


async def refuse(tx: Db, row: BulkImport, refused: Refused) -> int:
    """Stores why rows are not invited. Returns how many of them are skipped."""
    verdicts = [_verdict(row, number, *one) for number, one in refused.others.items()]
    if refused.twice:
        verdicts += await _listed_before(tx, row, refused.twice)
    if not verdicts:
        return 0
    typed = await _typed(tx, row, [one.row for one in verdicts if one.channel])
    cells = [_cell(row, one, typed.get(one.row)) for one in verdicts]
    await execute(
        tx,
        _REFUSE,
        row.id,
        row.account_id,
        [one.row for one in verdicts],
        [str(one.code) for one in verdicts],
        [one.message for one in verdicts],
        [column for column, _ in cells],
        [value for _, value in cells],
        [one.elsewhere for one in verdicts],
    )
    return sum(one.code in SKIPPED for one in verdicts)


def _verdict(row: BulkImport, number: int, candidate: Candidate, refusal: Refusal) -> _Verdict:
    elsewhere = refusal.elsewhere is not None and refusal.elsewhere.location_id != row.location_id
    by_email = candidate.person.email and Channel.EMAIL in row.channels
    is_address = refusal.field in (["email"], ["phone"])
    channel = (Channel.EMAIL if by_email else Channel.SMS) if is_address else None
    return _Verdict(number, candidate, CODES[refusal.code], refusal.message, channel, elsewhere)


async def _listed_before(tx: Db, row: BulkImport, twice: Mapping[int, Candidate]) -> list[_Verdict]:
    """The verdicts about people who are listed before, with the first row that they have."""
    found = await fetch(tx, statement("rows_before"), row.id, list(twice), [str(code) for code in INVALID])
    first = {(Channel(one["channel"]), number): int(one["first"]) for one in found for number in one["rows"]}
    verdicts = []
    for number, candidate in twice.items():
        channel = Channel.EMAIL if first.get((Channel.EMAIL, number), number) < number else Channel.SMS
        message = _TWICE[channel].format(first[channel, number])
        verdicts.append(_Verdict(number, candidate, ImportRowErrorCode.DUPLICATE_IN_FILE, message, channel))
    return verdicts


async def _typed(tx: Db, row: BulkImport, numbers: Sequence[int]) -> Mapping[int, asyncpg.Record]:
    """The addresses of rows as the file has them; nothing for imports that did not note where they are."""
    places = [row.places.get(field) for field in _FIELDS.values()]
    if not numbers or places == [None, None]:
        return {}
    positions = [None if place is None else place + 1 for place in places]
    return {one["row"]: one for one in await fetch(tx, statement("rows_as_typed"), row.id, list(numbers), *positions)}


def _cell(row: BulkImport, verdict: _Verdict, typed: asyncpg.Record | None) -> tuple[str | None, str | None]:
    """The column of the address that is the reason, and the address as the file has it."""
    if verdict.channel is None:
        return None, None
    column = next((column for column, given in row.columns if given is _FIELDS[verdict.channel]), None)
    person, by_email = verdict.candidate.person, verdict.channel is Channel.EMAIL
    written = typed["email" if by_email else "phone"] if typed else None
    stored = person.email and shown_email(person.email) if by_email else person.phone
    return column, written.strip() if stored and written else stored
