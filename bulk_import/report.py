"""Writes the rows of a list that were not taken as a CSV file, with the reason, ready to be corrected and imported again."""

import asyncio
import csv
import io
import itertools
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bulk_import.delimiter import expected_delimiter
from bulk_import.header import column_key
from bulk_import.reader import ListFile
from bulk_import.records import Record
from models.rules.enums import ImportRowErrorCode

AT_ONCE = 500
MOST_ADDED = 10
"""Beyond so many columns called "code" or "message", a report that is imported again is a list like any other."""
_CODES = frozenset({"", *ImportRowErrorCode})
"""What the code of a record may be in a report; who corrects it may remove it."""
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


def _names(number: int) -> tuple[str, str]:
    return ("code", "message") if number == 0 else (f"code ({number})", f"message ({number})")


def added_names(own: Sequence[str]) -> tuple[str, str]:
    """The names of the columns that a report adds to those of the file, none of which it has itself."""
    taken = {column_key(name) for name in own}
    return next(names for names in map(_names, itertools.count()) if taken.isdisjoint(names))


def has_added(header: Sequence[str]) -> bool:
    """Whether the last columns of a file are called as those that a report adds."""
    return any(header[-2:] == [*_names(number)] for number in range(MOST_ADDED))


def opened(header: Sequence[str], records: Iterable[Record]) -> tuple[bool, Iterator[Record]]:
    """Whether a file is a report, which the code of its first record tells, and its records as they were typed."""
    rest = iter(records)
    first = next(rest, None)
    if first is None:
        return False, rest
    rest = itertools.chain([first], rest)
    if not has_added(header) or "".join(first.cells[len(header) - 2 : len(header) - 1]) not in _CODES:
        return False, rest
    return True, (replace(record, cells=[as_typed(cell) for cell in record.cells]) for record in rest)


async def report(file: ListFile, reasons: AsyncIterator[Reason], language: str) -> AsyncIterator[bytes]:
    """The report in pieces, in UTF-8 with a byte order mark, as spreadsheet programs expect; that of a spreadsheet has the
    delimiter that they expect in this language. `reasons` are in the order of the file, which is read in a thread."""
    is_report, records = await asyncio.to_thread(opened, file.header, file)
    earlier = 2 if is_report else 0
    own = file.header[: len(file.header) - earlier]
    delimiter = file.delimiter or expected_delimiter(language)  # a spreadsheet has none
    yield b"\xef\xbb\xbf" + _lines(delimiter, [[*own, *added_names(own)]])
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
