"""Rows that are views of database records: an attribute is read from its columns when it is asked, so that a statement can select
only the columns that are needed.

A column is named by the alias of its table and its name there: `c_email` is `c.email`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from enum import StrEnum
from typing import Any

Record = Mapping[str, Any]


class Column(property):
    """Reads a column, or makes a value of several; `of_seat`: `by` takes the seat of the object before their values."""

    def __init__(self, *names: str, by: Callable[..., Any] | None = None, of_seat: bool = False) -> None:
        name = names[0]
        if by is None:
            super().__init__(lambda row: row.record[name])
        elif of_seat:
            super().__init__(lambda row: by(row.seat, *[row.record[one] for one in names]))
        else:
            super().__init__(lambda row: by(*[row.record[one] for one in names]))
        self.names, self.by, self.of_seat = names, by, of_seat


class Part(property):
    """Reads the same record as a row of another kind; null where the column `unless_null` is."""

    def __init__(self, kind: "type[Row]", unless_null: str | None = None) -> None:
        super().__init__(lambda row: None if self.is_missing_in(row.record) else kind(row.record))
        self.kind, self.unless_null = kind, unless_null

    def is_missing_in(self, record: Record) -> bool:
        return self.unless_null is not None and record[self.unless_null] is None


def column(*names: str, by: Callable[..., Any] | None = None) -> Any:
    """A column, for an attribute whose annotation tells its type."""
    return Column(*names, by=by)


def part(kind: "type[Row]", unless_null: str | None = None) -> Any:
    """A part, for an attribute whose annotation tells its type."""
    return Part(kind, unless_null)


def member_of(kind: type[StrEnum]) -> Callable[[str | None], Any]:
    """Makes members of an enum of their names, and None of null; faster than calling the enum, for every row."""
    members: dict[str | None, Any] = {None: None, **{str(one): one for one in kind}}
    return members.__getitem__


class Row:
    """A view of a record."""

    __slots__ = ("record",)

    def __init__(self, record: Record) -> None:
        self.record = record

    def __eq__(self, other: object) -> bool:
        return other.__class__ is self.__class__ and self.record == other.record

    __hash__ = None  # type: ignore[assignment] # records may have lists


def columns_of(kind: type[Row]) -> Iterator[str]:
    """The columns of all attributes."""
    for attribute in vars(kind).values():
        if isinstance(attribute, Column):
            yield from attribute.names
        elif isinstance(attribute, Part):
            yield from columns_of(attribute.kind)


def selected(columns: Collection[str], made: Mapping[str, str]) -> str:
    """The columns for a statement; `made` has the expressions of those that are not a table's own."""
    return ", ".join(f"{made.get(one) or one.replace('_', '.', 1)} as {one}" for one in sorted(set(columns)))
