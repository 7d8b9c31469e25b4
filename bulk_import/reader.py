"""A CSV file, piece by piece, as a header and records; never whole in memory."""

import codecs
import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from models.errors import UnreadableFile

DELIMITERS = ",;\t|"
LONGEST_CELL, LONGEST_LINE, MOST_COLUMNS = 100_000, 1_000_000, 200
_SAMPLE_LINES = 50


@dataclass(frozen=True, slots=True)
class Record:
    """`number` counts records from 1, the header not counted; `problem`: why its cells cannot be told apart."""

    number: int
    cells: list[str]
    problem: str | None = None


class _Raw(io.RawIOBase):
    """Pieces of bytes as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: object) -> int:
        view = memoryview(target)  # type: ignore[arg-type] # a writable buffer, as io says
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
    """The header is read at once; iterating gives the records. Raises UnreadableFile with what to do."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        lines = _lines(pieces)
        sample = list(itertools.islice(lines, _SAMPLE_LINES))
        told = _told_delimiter(sample)
        if told:
            sample = sample[1:]
        self.delimiter = told or _voted_delimiter(sample)
        csv.field_size_limit(LONGEST_CELL)
        self._reader = csv.reader(itertools.chain(sample, lines), delimiter=self.delimiter, strict=True)
        self.header = self._read_header()
        self._number = 0

    def _read_header(self) -> list[str]:
        cells = self._next()
        if cells is None:
            raise UnreadableFile("The file is empty; its first line names the columns.", ["uploadId"])
        if isinstance(cells, str):
            raise UnreadableFile(f"The first line cannot be read: {cells}.", ["uploadId"])
        header = [cell.strip() for cell in cells]
        _refuse_header(header)
        return header

    def _next(self) -> list[str] | str | None:
        """Cells, or what is wrong with a record, or None at the end; blank lines are none."""
        while True:
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                return self._wrong(error)
            if cells is None or cells:
                return cells

    def _wrong(self, error: csv.Error) -> str:
        """A quote that is never closed swallows the rest, so the file cannot be read; other faults are one record's."""
        text = str(error)
        if "unexpected end" in text or "field larger" in text:
            raise UnreadableFile(
                f"Near line {self._reader.line_num} a quotation mark is opened and not closed, or a cell has more than "
                f"{LONGEST_CELL:,} characters; mend that line and upload the file again.",
                ["uploadId"],
            )
        return "a quotation mark stands in the middle of a cell; double it or take it away"

    def __iter__(self) -> Iterator[Record]:
        while (cells := self._next()) is not None:
            self._number += 1
            yield self._record(cells)

    def _record(self, cells: list[str] | str) -> Record:
        if isinstance(cells, str):
            return Record(self._number, [], cells)
        wanted = len(self.header)
        if len(cells) != wanted:
            problem = f"it has {len(cells)} cells where the header has {wanted}"
            return Record(self._number, cells, problem)
        if any("\x00" in cell for cell in cells):
            return Record(self._number, [cell.replace("\x00", "") for cell in cells], "it holds NUL bytes")
        return Record(self._number, cells)


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Lines as they end in the file; UTF-8, strictly, with or without a byte order mark."""
    text = io.TextIOWrapper(io.BufferedReader(_Raw(pieces), 65536), encoding="utf-8-sig", newline="")
    number = 0
    while True:
        number += 1
        try:
            line = text.readline(LONGEST_LINE + 1)
        except UnicodeDecodeError as error:
            raise UnreadableFile(_encoding_words(error, number), ["uploadId"]) from error
        if len(line) > LONGEST_LINE:
            raise UnreadableFile(
                f"Line {number} has more than {LONGEST_LINE:,} characters; is this a CSV file?", ["uploadId"]
            )
        if not line:
            return
        yield line


def _encoding_words(error: UnicodeDecodeError, line: int) -> str:
    if bytes(error.object[:2]) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "The file is UTF-16; save it as CSV UTF-8 and upload it again."
    if bytes(error.object[:2]) == b"PK":
        return "This is a spreadsheet, not a CSV file; save it as CSV UTF-8 and upload it again."
    return f"Near line {line} the file is not UTF-8; save it as CSV UTF-8 and upload it again."


def _told_delimiter(sample: list[str]) -> str | None:
    """Spreadsheets tell it in a first line of their own: sep=;"""
    first = sample[0].rstrip("\r\n") if sample else ""
    return first[4] if first.lower().startswith("sep=") and len(first) == 5 else None


def _voted_delimiter(sample: list[str]) -> str:
    """The one with which most records have the same number of cells, more than one."""
    votes = {delimiter: _agreement(sample, delimiter) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: votes[delimiter])


def _agreement(sample: list[str], delimiter: str) -> tuple[float, int]:
    try:
        widths = Counter(len(cells) for cells in csv.reader(sample, delimiter=delimiter) if cells)
    except csv.Error:
        return 0.0, 0
    width, number = max(widths.items(), key=lambda item: item[1], default=(0, 0))
    return (number / widths.total(), width) if width > 1 else (0.0, 0)


def _refuse_header(header: list[str]) -> None:
    if len(header) > MOST_COLUMNS:
        raise UnreadableFile(f"The file has {len(header)} columns; {MOST_COLUMNS} is the most.", ["uploadId"])
    if any("@" in cell for cell in header) or not any(header):
        raise UnreadableFile(
            "The first line holds data where the names of the columns should stand; put a header above it.",
            ["uploadId"],
        )
    twice = [name for name, number in Counter(name.casefold() for name in header if name).items() if number > 1]
    if twice:
        raise UnreadableFile(f"Two columns are named {twice[0]!r}; give them different names.", ["uploadId"])
