"""What seems to be wrong with a file that can be read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bulk_import.delimiter import DELIMITERS
from bulk_import.header import LONGEST_SHOWN, NO_ROWS
from bulk_import.records import Record
from bulk_import.suggest import field_named
from models.rules.enums import ImportField, ImportPreviewWarningCode

_ABOVE, _MOST_SHOWN = 10, 5
"""A header is looked for in so many rows, and so many of its names are shown."""
_ADDRESSES = frozenset({ImportField.EMAIL, ImportField.PHONE})


@dataclass(frozen=True, slots=True)
class PreviewWarning:
    code: ImportPreviewWarningCode
    message: str


def warnings_of(header: Sequence[str], records: Sequence[Record]) -> list[PreviewWarning]:
    """What the header and the first records tell."""
    if not records:
        return [PreviewWarning(ImportPreviewWarningCode.NO_ROWS, NO_ROWS)]
    if _ADDRESSES.isdisjoint(_fields(header)) and (names := _header_below(records)):
        shown = ", ".join(name[:LONGEST_SHOWN] for name in names[:_MOST_SHOWN])
        message = (
            f"The header seems to be further down: “{shown}”. Delete the rows above it, then upload the file again."
        )
        return [PreviewWarning(ImportPreviewWarningCode.HEADER_BELOW, message)]
    return []


def _header_below(records: Sequence[Record]) -> list[str] | None:
    """The names in the first record that looks like a header: with a column of addresses, and another one."""
    for record in records[:_ABOVE]:
        for cells in _splits(record):
            names = [name for cell in cells if (name := cell.strip().strip('"'))]
            fields = _fields(names)
            if len(fields) > 1 and not _ADDRESSES.isdisjoint(fields) and "@" not in "".join(names):
                return names
    return None


def _splits(record: Record) -> Iterator[Sequence[str]]:
    """The cells of a record; also by other delimiters, since a title tells none."""
    yield record.cells
    if len(record.cells) == 1:
        yield from (record.cells[0].split(delimiter) for delimiter in DELIMITERS)


def _fields(names: Sequence[str]) -> set[ImportField]:
    return {field for name in names if (field := field_named(name))}
