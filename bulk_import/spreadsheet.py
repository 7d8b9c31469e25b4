"""Reads the first sheet of a spreadsheet as a header and records."""

import itertools
from collections.abc import Collection, Iterable, Iterator

from bulk_import import ods, xlsx
from bulk_import.archive import Archive
from bulk_import.formats import UNPACK, other_format
from bulk_import.header import MAX_COLUMNS, clean_header, column_key
from bulk_import.records import LONGEST_CELL, Record
from bulk_import.titles import MOST_RECORDS, header_place
from bulk_import.xlsx import Row
from models.rules.errors import UnreadableFile

_OTHERS = {
    "xl/workbook.bin": "a binary workbook (XLSB)",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a presentation",
    "Index/Document.iwa": "a Numbers or Pages document",
    "Index.zip": "a Numbers or Pages document",
    "encrypted-package": "a spreadsheet with a password",
}
_HEAD_RECORDS = 100
"""More than a preview reads."""


class Spreadsheet:
    """The same as CsvFile for a spreadsheet. It is held in memory, packed, since its directory is at its end. Raises
    UnreadableFile, which says how to fix the file."""

    delimiter = ""

    def __init__(self, pieces: Iterable[bytes], columns: Collection[str] = ()) -> None:
        self._archive = Archive(b"".join(pieces))
        self.encoding, rows = _opened(self._archive)
        self._rows: Iterator[Row] = (row for row in rows if any(map(str.strip, row.values())))
        self.header = self._read_header({column_key(name) for name in columns})

    def _read_header(self, wanted: Collection[str]) -> list[str]:
        head = list(itertools.islice(self._rows, MOST_RECORDS))
        if not head:
            raise UnreadableFile(
                "The first sheet is empty; its first row must name the columns, and the list must be on it.",
                ["uploadId"],
            )
        place = header_place([_cells(row) for row in head], wanted)
        self._rows = itertools.chain(head[place + 1 :], self._rows)
        return clean_header(_cells(head[place]))

    def __iter__(self) -> Iterator[Record]:
        for number, row in enumerate(self._rows, 1):
            self._archive.is_at_head = number < _HEAD_RECORDS
            yield self._record(number, row)

    def _record(self, number: int, row: Row) -> Record:
        width = len(self.header)
        cells = [row.get(column, "") for column in range(width)]
        if any(len(cell) > LONGEST_CELL for cell in cells):
            return Record(number, [], f"a cell has more than {LONGEST_CELL:,} characters; shorten it")
        if any(column >= width and cell.strip() for column, cell in row.items()):
            surplus = [row.get(column, "") for column in range(width, min(max(row) + 1, width + MAX_COLUMNS))]
            return Record(number, [*cells, *surplus], f"it has a cell beyond the header, which has {width}")
        return Record(number, cells)


def _cells(row: Row) -> list[str]:
    return [row.get(column, "") for column in range(max(row) + 1)]


def _opened(archive: Archive) -> tuple[str, Iterator[Row]]:
    """The format's name and the rows of the first sheet."""
    if xlsx.WORKBOOK in archive:
        return "XLSX", xlsx.rows(archive)
    if ods.CONTENT in archive:
        return "ODS", ods.rows(archive)
    what = next((what for path, what in _OTHERS.items() if path in archive), None)
    raise other_format(what) if what else other_format("a ZIP archive", UNPACK)
