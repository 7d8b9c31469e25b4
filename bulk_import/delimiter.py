"""Chooses a CSV file's delimiter from its header."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial

from bulk_import.header import MAX_COLUMNS, column_key
from bulk_import.records import LONGEST_RECORD, CellReader
from bulk_import.suggest import field_named
from bulk_import.titles import MOST_RECORDS, header_place
from models.rules.errors import UnreadableFile

DELIMITERS = ",;\t|"
_LONGEST_NAME = 100
_NOT_IN_NAMES = frozenset(";\t|@")
"""Unlike commas, these do not occur in the name of a column: the header is split at the wrong character."""


_DECIMAL_COMMA = frozenset(
    {"cs", "da", "de", "el", "es", "fi", "fr", "hu", "it", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sv", "tr", "uk"}
)


def expected_delimiter(language: str) -> str:
    """What spreadsheet programs in this language expect in a CSV file: semicolons where the comma separates decimals."""
    return ";" if language.lower().partition("-")[0] in _DECIMAL_COMMA else ","


def declared_delimiter(first_line: str) -> str | None:
    """The delimiter that the spreadsheet declared in a separate first line, such as sep=;"""
    line = first_line.rstrip("\r\n").strip('"')
    return line[4] if line.lower().startswith("sep=") and len(line) == 5 and not line[4].isalnum() else None


def detected_delimiter(sample: Sequence[str], columns: Iterable[str] = ()) -> str:
    """The delimiter with which the header has most of these columns, or without any the most plausible ones. The records do
    not count: their cells contain commas, and their number of cells varies."""
    wanted = {column_key(name) for name in columns}
    return max(DELIMITERS, key=partial(_score, sample, wanted))


def first_records(sample: Sequence[str], delimiter: str) -> list[list[str]]:
    """The records until one that continues below the sample, with as many cells as tell whether there are too many; without
    cells where one cannot be split."""
    return list(itertools.islice(_records(_shortened(sample), delimiter), MOST_RECORDS))


def _shortened(sample: Iterable[str]) -> Iterator[str]:
    """Enough lines for the longest record: every delimiter is tried on them while a member waits."""
    size = 0
    for line in sample:
        if size > LONGEST_RECORD:
            return
        size += len(line)
        yield line


def _score(sample: Sequence[str], wanted: Collection[str], delimiter: str) -> tuple[int, int]:
    records = first_records(sample, delimiter)
    header = records[header_place(records, wanted)] if records else []
    return len({column_key(name) for name in header} & set(wanted)), sum(_plausibility(name.strip()) for name in header)


def _records(sample: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    reader = CellReader(sample, delimiter)
    try:
        while (cells := reader.next()) is not None:
            yield cells[: MAX_COLUMNS + 1] if isinstance(cells, list) else []
    except UnreadableFile:
        return


def _plausibility(name: str) -> int:
    if not name:
        return 0
    if len(name) > _LONGEST_NAME or not _NOT_IN_NAMES.isdisjoint(name) or not any(map(str.isalpha, name)):
        return -1
    return 2 if "," not in name and field_named(name) else 1
