"""Reads the sheet of a spreadsheet that has the list as a header and records."""

import itertools
from collections.abc import Collection, Iterable, Iterator

from bulk_import.archive import Archive
from bulk_import.formats import UNPACK, other_format
from bulk_import.header import MAX_COLUMNS, clean_header, column_key
from bulk_import.ods import CONTENT, Document
from bulk_import.records import LONGEST_CELL, Record
from bulk_import.titles import MOST_RECORDS, has_addresses, header_place
from bulk_import.xlsx import WORKBOOK, Row, Workbook
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
_MOST_SHEETS = 10
"""How many sheets are looked at for a list."""


class Spreadsheet:
    """The same as CsvFile for a spreadsheet. It is held in memory, packed, since its directory is at its end. Raises
    UnreadableFile, which says how to fix the file."""

    delimiter = ""

    def __init__(self, pieces: Iterable[bytes], columns: Collection[str] = ()) -> None:
        self._archive = Archive(b"".join(pieces))
        self.encoding, sheets = _opened(self._archive)
        self.title, self.header, self._rows = _list_in(sheets, {column_key(name) for name in columns})

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


def _list_in(sheets: Workbook | Document, wanted: Collection[str]) -> tuple[list[list[str]], list[str], Iterator[Row]]:
    """The title, the header and the rows below it, of the first sheet that has a list, or else of the first that is not empty."""
    found = None
    for number in range(_MOST_SHEETS):
        rows = (row for row in sheets.rows(number) if any(map(str.strip, row.values())))
        if head := list(itertools.islice(rows, MOST_RECORDS)):
            records = [_cells(row)[: MAX_COLUMNS + 1] for row in head]
            place = header_place(records, wanted)
            is_list = has_addresses(records, place, wanted)
            if is_list or found is None:
                found = records[:place], _cells(head[place]), itertools.chain(head[place + 1 :], rows)
            if is_list:
                break
    if found is None:
        raise UnreadableFile(
            "The first sheet is empty; its first row must name the columns, and the list must be on it.", ["uploadId"]
        )
    title, header, below = found
    return title, clean_header(header), below


def _cells(row: Row) -> list[str]:
    return [row.get(column, "") for column in range(max(row) + 1)]


def _opened(archive: Archive) -> tuple[str, Workbook | Document]:
    """The format's name and the sheets."""
    if WORKBOOK in archive:
        return "XLSX", Workbook(archive)
    if CONTENT in archive:
        return "ODS", Document(archive)
    what = next((what for path, what in _OTHERS.items() if path in archive), None)
    raise other_format(what) if what else other_format("a ZIP archive", UNPACK)
