"""Records, and how lines are split into their cells."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.rules.errors import UnreadableFile

LONGEST_CELL, LONGEST_RECORD = 100_000, 1_000_000
_BREAK = re.compile(r"\r\n|\r|\n")
_QUOTE_BESIDE_BLANK = re.compile(r'[ \t]"|"[ \t]')
END_OF_FILE = "\x1a"
"""Ctrl-Z, with which some old programs end a file."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a record. `several`: the records it would be if a quotation mark were ignored."""

    first: int
    last: int
    several: list[list[str]]

    def refusal(self, why: str) -> UnreadableFile:
        """An error that rejects the whole file, so that no record in these lines is silently lost."""
        span = f" and continues to line {self.last}" if self.last > self.first else ""
        return UnreadableFile(
            f"The record that starts at line {self.first}{span} cannot be read: {why}. If a quotation mark in it does "
            "not enclose a cell, double it or remove it; then upload the file again.",
            ["uploadId"],
        )


@dataclass(frozen=True, slots=True)
class Record:
    """`number` counts from 1, without the header. `problem`: why it cannot be split into cells. `lines`: set if it spans
    several lines."""

    number: int
    cells: list[str]
    problem: str | None = None
    lines: Lines | None = None


class CellReader:
    """Splits lines into records. `above`: how many lines the file has before them."""

    def __init__(self, lines: Iterable[str], delimiter: str, above: int = 0) -> None:
        csv.field_size_limit(LONGEST_CELL)
        self._delimiter, self._above = delimiter, above
        self._quoted_cell = _quoted_cell(delimiter)
        self._within_record = False
        self._began = self._size = 0
        self._reader = csv.reader(self._tidied(lines), delimiter=delimiter, strict=True)

    def next(self) -> list[str] | str | None:
        """The cells of the next record, or what is wrong with it; None at the end. Skips records without any content."""
        while True:
            self._began = self._line() + 1
            self._within_record, self._size = False, 0
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                return self._wrong(str(error))
            if cells is None or any(cell.strip().strip(END_OF_FILE) for cell in cells):
                return cells

    def _tidied(self, lines: Iterable[str]) -> Iterator[str]:
        """Removes blanks around quotation marks that enclose a cell, which csv takes for a part of the cell."""
        for line in lines:
            within, self._within_record = self._within_record, True
            self._size += len(line)
            if self._size > LONGEST_RECORD:
                raise self._span().refusal(f"it has more than {LONGEST_RECORD:,} characters")
            if '"' not in line or not _QUOTE_BESIDE_BLANK.search(line):
                yield line
            elif within:
                # csv asks for another line only inside quotation marks, so this line begins in a quoted cell.
                yield self._quoted_cell.sub(r"\1", f'"{line}')[1:]
            else:
                yield self._quoted_cell.sub(r"\1", line)

    def _wrong(self, error: str) -> str:
        """What is wrong with a record of one line. Raises UnreadableFile if the record spans several lines."""
        too_long = f"a cell has more than {LONGEST_CELL:,} characters"
        if "unexpected end" in error:
            raise self._span().refusal("a quotation mark is not closed")
        if self._line() > self._began:
            why = "a quotation mark is not closed, or closed in the middle of a cell"
            raise self._span().refusal(f"{why}, or {too_long}" if "field larger" in error else why)
        if "field larger" in error:
            return f"{too_long}; shorten it"
        return "there is a quotation mark in the middle of a cell; double it or remove it"

    def lines(self, cells: Sequence[str] = ()) -> Lines | None:
        """The lines of the last record, which has these cells, as many as the header; None if it is one line."""
        return self._span(cells) if self._line() > self._began else None

    def _span(self, cells: Sequence[str] = ()) -> Lines:
        return Lines(self._began, self._line(), _several(cells, self._delimiter))

    def _line(self) -> int:
        """The number of the last line read."""
        return self._reader.line_num + self._above


def _quoted_cell(delimiter: str) -> re.Pattern[str]:
    """Matches a quoted cell, up to the end of the line if it continues there, with the blanks around it."""
    blanks, mark = r"[ ]*+" if delimiter == "\t" else r"[ \t]*+", re.escape(delimiter)
    return re.compile(rf'(?:\A|(?<={mark})){blanks}("(?:[^"]++|"")*+(?:"|\Z)){blanks}(?={mark}|[\r\n]|\Z)')


def fitted(cells: Sequence[str], width: int) -> list[str]:
    """The cells with missing ones at the end added, and surplus empty ones at the end removed."""
    return [*_without_surplus(cells, width), *[""] * (width - len(cells))]


def _without_surplus(cells: Sequence[str], width: int) -> list[str]:
    return list(cells[:width] if len(cells) > width and not any(map(str.strip, cells[width:])) else cells)


def _several(cells: Sequence[str], delimiter: str) -> list[list[str]]:
    """A quotation mark opened in one record and closed in a later one makes everything between a single cell: the end of
    the first record, whole records, and the beginning of the last. Splits that cell, and returns the records that then
    have the expected number of cells."""
    width = len(cells)
    for place, cell in enumerate(cells):
        lines = [line.split(delimiter) for line in _BREAK.split(cell)]
        if len(lines) > 1:
            split = [[*cells[:place], *lines[0]], *lines[1:-1], [*lines[-1], *cells[place + 1 :]]]
            first, *middle, last = [_without_surplus(one, width) for one in split]
            if len(first) == len(last) == width:
                return [one for one in [first, *middle, last] if len(one) == width]
    return []
