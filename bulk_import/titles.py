"""Finds the header below the title of a list."""

from collections.abc import Collection, Sequence

from bulk_import.header import column_key
from bulk_import.suggest import field_named, is_address
from models.rules.enums import ImportField

MOST_RECORDS = 20
"""A title with more records than this is not told from a list."""
_ADDRESSES = {ImportField.EMAIL, ImportField.PHONE}
_FEWEST_DIGITS = 6
_LONGEST_NAME = 100


def header_place(records: Sequence[Sequence[str]], wanted: Collection[str] = ()) -> int:
    """The position of the header among the first records of a file: the first one, unless it is a title, and a later one names
    columns of addresses. `wanted`: keys of the columns that are mapped."""
    first = records[0] if records else []
    if (wanted and {column_key(cell) for cell in first}.issuperset(wanted)) or (
        names_address(first) and _width(first) > 1
    ):
        return 0
    for place, cells in enumerate(records[:MOST_RECORDS]):
        if place and names_address(cells) and (_width(cells) > _width(first) or len(_fields(cells)) > 1):
            return place
        if _width(cells) > 1 and any(map(is_address, cells)):
            return 0
    return 0


def has_row_names(header: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the records have a number more than the header has columns, as R writes the names of rows: 1, 2, 3."""
    numbers = [cells[0] for cells in below if len(cells) == len(header) + 1 and cells[-1]]
    return 0 < len(numbers) == len(below) and numbers == [str(number) for number in range(1, len(below) + 1)]


def has_addresses(records: Sequence[Sequence[str]], header: int, wanted: Collection[str] = ()) -> bool:
    """Whether these records, of which this one is the header, are a list of people, and not a cover page."""
    rows = sum(any(map(is_address, cells)) for cells in records)
    return rows > 1 or names_address(records[header]) or _has_columns(records[header], wanted)


def _has_columns(cells: Sequence[str], wanted: Collection[str]) -> bool:
    return bool(wanted) and {column_key(cell) for cell in cells}.issuperset(wanted)


def names_address(cells: Sequence[str]) -> bool:
    """Whether these are names of columns, one of them of e-mail addresses or phone numbers."""
    return not any(map(_is_data, cells)) and not _ADDRESSES.isdisjoint(_fields(cells))


def _fields(cells: Sequence[str]) -> set[ImportField | None]:
    return {field_named(cell) for cell in cells if cell} - {None}


def _width(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def _is_data(cell: str) -> bool:
    return "@" in cell or len(cell) > _LONGEST_NAME or sum(map(str.isdigit, cell)) >= _FEWEST_DIGITS
