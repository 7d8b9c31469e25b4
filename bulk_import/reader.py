"""Streams a CSV file as a header and records, without loading all of it into memory."""

import codecs
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.rules.errors import UnreadableFile

DELIMITERS = ",;\t|"
LONGEST_CELL, LONGEST_LINE, MAX_COLUMNS = 100_000, 1_000_000, 200
_SAMPLE_LINES = 50
_BREAK = re.compile(r"\r\n|\r|\n")


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


class _Raw(io.RawIOBase):
    """A file-like object over pieces of bytes."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: object) -> int:
        view = memoryview(target)  # type: ignore[arg-type] # a writable buffer, as io documents
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        size = min(len(view), len(self._rest))
        view[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


class CsvFile:
    """Reads the header immediately; iteration yields the records. Raises UnreadableFile, which says how to fix the file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        lines = _lines(pieces)
        sample = list(itertools.islice(lines, _SAMPLE_LINES))
        declared = _declared_delimiter(sample)
        if declared:
            sample = sample[1:]
        csv.field_size_limit(LONGEST_CELL)
        self.delimiter = declared or _detected_delimiter(sample)
        self._reader = csv.reader(itertools.chain(sample, lines), delimiter=self.delimiter, strict=True)
        self._above = 1 if declared else 0
        self._number = self._began = 0
        self.header = self._read_header()

    def _read_header(self) -> list[str]:
        cells = self._next()
        if cells is None:
            raise UnreadableFile("The file is empty; its first line must name the columns.", ["uploadId"])
        if isinstance(cells, str):
            raise UnreadableFile(f"The first line cannot be read: {cells}.", ["uploadId"])
        header = [cell.strip() for cell in cells]
        _refuse_header(header)
        return header

    def _next(self) -> list[str] | str | None:
        """The cells of the next record, or what is wrong with it; None at the end. Skips blank lines."""
        while True:
            self._began = self._line() + 1
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                return self._wrong(str(error))
            if cells is None or cells:
                return cells

    def _wrong(self, error: str) -> str:
        """What is wrong with a record of one line. Raises UnreadableFile if the record spans several lines."""
        too_long = f"a cell has more than {LONGEST_CELL:,} characters"
        if "unexpected end" in error:
            raise self._lines().refusal("a quotation mark is not closed")
        if self._line() > self._began:
            why = "a quotation mark is not closed, or closed in the middle of a cell"
            raise self._lines().refusal(f"{why}, or {too_long}" if "field larger" in error else why)
        if "field larger" in error:
            return f"{too_long}; shorten it"
        return "there is a quotation mark in the middle of a cell; double it or remove it"

    def _line(self) -> int:
        """The number of the last line read."""
        return self._reader.line_num + self._above

    def _lines(self, cells: Sequence[str] = ()) -> Lines:
        return Lines(self._began, self._line(), _several(cells, self.delimiter))

    def __iter__(self) -> Iterator[Record]:
        while (cells := self._next()) is not None:
            self._number += 1
            yield self._record(cells)

    def _record(self, cells: list[str] | str) -> Record:
        if isinstance(cells, str):
            return Record(self._number, [], cells)
        lines = self._lines(cells) if self._line() > self._began else None
        wanted = len(self.header)
        if len(cells) != wanted:
            problem = f"it has {len(cells)} cells, but the header has {wanted}"
            if lines is not None:
                raise lines.refusal(problem)
            return Record(self._number, cells, problem)
        if any("\x00" in cell for cell in cells):
            return Record(self._number, [cell.replace("\x00", "") for cell in cells], "it contains NUL bytes", lines)
        return Record(self._number, cells, None, lines)


def _several(cells: Sequence[str], delimiter: str) -> list[list[str]]:
    """A quotation mark opened in one record and closed in a later one makes everything between a single cell: the end of
    the first record, whole records, and the beginning of the last. Splits that cell, and returns the records that then
    have the expected number of cells."""
    for place, cell in enumerate(cells):
        lines = [line.split(delimiter) for line in _BREAK.split(cell)]
        first, last = [*cells[:place], *lines[0]], [*lines[-1], *cells[place + 1 :]]
        if len(lines) > 1 and len(first) == len(last) == len(cells):
            return [line for line in [first, *lines[1:-1], last] if len(line) == len(cells)]
    return []


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yields lines with their line endings. UTF-8 only, with or without a byte order mark."""
    text = io.TextIOWrapper(io.BufferedReader(_Raw(pieces), 65536), encoding="utf-8-sig", newline="")
    number = 0
    while True:
        number += 1
        try:
            line = text.readline(LONGEST_LINE + 1)
        except UnicodeDecodeError as error:
            raise UnreadableFile(_encoding_problem(error, number), ["uploadId"]) from error
        if len(line) > LONGEST_LINE:
            raise UnreadableFile(
                f"Line {number} has more than {LONGEST_LINE:,} characters; is this a CSV file?", ["uploadId"]
            )
        if not line:
            return
        yield line


def _encoding_problem(error: UnicodeDecodeError, line: int) -> str:
    if bytes(error.object[:2]) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "The file is UTF-16; save it as CSV UTF-8 and upload it again."
    if bytes(error.object[:2]) == b"PK":
        return "This is a spreadsheet, not a CSV file; save it as CSV UTF-8 and upload it again."
    return f"Near line {line} the file is not UTF-8; save it as CSV UTF-8 and upload it again."


def _declared_delimiter(sample: list[str]) -> str | None:
    """The delimiter that the spreadsheet declared in a separate first line, such as sep=;"""
    first = sample[0].rstrip("\r\n") if sample else ""
    return first[4] if first.lower().startswith("sep=") and len(first) == 5 else None


def _detected_delimiter(sample: list[str]) -> str:
    """The delimiter with which most records have the same number of cells, and more than one."""
    votes = {delimiter: _agreement(sample, delimiter) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: votes[delimiter])


def _agreement(sample: list[str], delimiter: str) -> tuple[float, int]:
    widths = Counter(len(cells) for cells in _parsable(sample, delimiter))
    width, number = max(widths.items(), key=lambda item: item[1], default=(0, 0))
    return (number / widths.total(), width) if width > 1 else (0.0, 0)


def _parsable(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Yields the records that can be parsed."""
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            continue
        if cells is None:
            return
        if cells:
            yield cells


def _refuse_header(header: list[str]) -> None:
    if len(header) > MAX_COLUMNS:
        raise UnreadableFile(f"The file has {len(header)} columns; at most {MAX_COLUMNS} are allowed.", ["uploadId"])
    if any("@" in cell for cell in header) or not any(header):
        raise UnreadableFile(
            "The first line contains data instead of column names; add a header line above it.",
            ["uploadId"],
        )
    twice = [name for name, number in Counter(name.casefold() for name in header if name).items() if number > 1]
    if twice:
        raise UnreadableFile(f"Two columns are named {twice[0]!r}; give them different names.", ["uploadId"])
