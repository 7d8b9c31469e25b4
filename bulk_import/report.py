"""Writes the rows of a list that were not taken as a CSV file, with the reason, ready to be corrected and imported again."""

import asyncio
import csv
import io
import itertools
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace

from bulk_import.reader import ListFile
from bulk_import.records import Record

REASONS = ("code", "message")
"""The columns that a report adds to those of the file."""
AT_ONCE = 500
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_MARKED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record was not taken."""

    row: int
    code: str
    message: str


def harmless(cell: str) -> str:
    """Puts an apostrophe before what a spreadsheet would calculate (OWASP, CSV Injection); `as_typed` removes it again."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def as_typed(cell: str) -> str:
    return cell[1:] if _MARKED.match(cell) else cell


def is_report(header: Sequence[str]) -> bool:
    """Whether a file with these columns is a report."""
    return tuple(header[-len(REASONS) :]) == REASONS


def without_marks(header: Sequence[str], records: Iterable[Record]) -> Iterable[Record]:
    """The records as they were typed, if the file is a report."""
    if not is_report(header):
        return records
    return (replace(record, cells=[as_typed(cell) for cell in record.cells]) for record in records)


async def report(file: ListFile, reasons: AsyncIterator[Reason]) -> AsyncIterator[bytes]:
    """The report in pieces, in UTF-8 with a byte order mark, as spreadsheets expect. `reasons` are in the order of the file, which
    is read in a thread."""
    earlier = len(REASONS) if is_report(file.header) else 0
    own = file.header[: len(file.header) - earlier]
    records = iter(without_marks(file.header, file))
    delimiter = file.delimiter or ","  # a spreadsheet has none
    yield b"\xef\xbb\xbf" + _lines(delimiter, [[*own, *REASONS]])
    reason = await anext(reasons, None)
    while reason and (chunk := await asyncio.to_thread(lambda: list(itertools.islice(records, AT_ONCE)))):
        rows = []
        for record in chunk:
            if reason and reason.row == record.number:
                rows.append(_row(record.cells, len(own), earlier, reason))
                reason = await anext(reasons, None)
        yield _lines(delimiter, rows)


def _row(record: Sequence[str], width: int, earlier: int, reason: Reason) -> list[str]:
    """`earlier`: how many cells an earlier report added. Surplus cells stay behind the reasons."""
    cells = [harmless(cell) for cell in record]
    own, surplus = [*cells[:width], *[""] * (width - len(cells))], cells[width + earlier :]
    return [*own, reason.code, reason.message, *surplus]


def _lines(delimiter: str, rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()
