"""Streams a CSV file as a header and records, without loading all of it into memory."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence

from bulk_import.delimiter import declared_delimiter, detected_delimiter, first_records
from bulk_import.encoding import Utf8Pieces
from bulk_import.header import MAX_COLUMNS, clean_header, column_key
from bulk_import.lines import text_lines
from bulk_import.records import CellReader, Record, fitted
from bulk_import.titles import has_row_names, header_place
from models.rules.errors import UnreadableFile

_SAMPLE_LINES = 50


class CsvFile:
    """Reads the header immediately; iteration yields the records. `columns`: names that the header should have, which decide
    the delimiter and where it is. Raises UnreadableFile, which says how to fix the file."""

    def __init__(self, pieces: Iterable[bytes], columns: Collection[str] = ()) -> None:
        self._pieces = Utf8Pieces(pieces)
        lines = text_lines(self._pieces)
        sample = list(itertools.islice(lines, 1))
        declared = declared_delimiter(sample[0]) if sample else None
        sample = list(itertools.islice(lines, _SAMPLE_LINES)) if declared else sample
        sample += itertools.islice(lines, _SAMPLE_LINES - len(sample))
        self.delimiter = declared or detected_delimiter(sample, columns)
        self._cells = CellReader(itertools.chain(sample, lines), self.delimiter, 1 if declared else 0)
        self.header = self._read_header(first_records(sample, self.delimiter), columns)

    @property
    def encoding(self) -> str:
        return self._pieces.encoding.name

    def _read_header(self, head: Sequence[Sequence[str]], columns: Collection[str]) -> list[str]:
        """The record below those of a title, which the first records tell."""
        place = header_place(head, {column_key(name) for name in columns})
        self.title = head[:place]
        for _ in range(place):
            self._cells.next()
        cells = self._cells.next()
        if cells is None:
            raise UnreadableFile("The file is empty; its first line must name the columns.", ["uploadId"])
        if isinstance(cells, str):
            raise UnreadableFile(f"The first line cannot be read: {cells}.", ["uploadId"])
        return clean_header(["", *cells] if has_row_names(cells, head[place + 1 :]) else cells)

    def __iter__(self) -> Iterator[Record]:
        number = 0
        while (cells := self._cells.next()) is not None:
            number += 1
            yield self._record(number, cells)

    def _record(self, number: int, cells: list[str] | str) -> Record:
        if isinstance(cells, str):
            return Record(number, [], cells)
        width = len(self.header)
        fitting = fitted(cells, width)
        if len(fitting) != width or (len(cells) < width and _spans_cells(cells, self.delimiter)):
            return self._misfit(number, cells)
        lines = self._cells.lines(fitting)
        if any("\x00" in cell for cell in fitting):
            return Record(number, [cell.replace("\x00", "") for cell in fitting], "it contains NUL bytes", lines)
        return Record(number, fitting, None, lines)

    def _misfit(self, number: int, cells: list[str]) -> Record:
        """A record with too many or too few cells. Raises UnreadableFile if it spans several lines."""
        problem = f"it has {len(cells)} cells, but the header has {len(self.header)}"
        if (lines := self._cells.lines()) is not None:
            raise lines.refusal(problem)
        return Record(number, cells[: len(self.header) + MAX_COLUMNS], problem)


def _spans_cells(cells: Sequence[str], delimiter: str) -> bool:
    """Whether a cell of several lines contains delimiters: then a stray quotation mark may have swallowed the cells that are
    missing."""
    return any(delimiter in cell for cell in cells if "\n" in cell or "\r" in cell)
