"""Rows that are views of database records: an attribute is read from its columns when it is asked, so that a statement can select
only the columns that are needed.

A column is named by the alias of its table and its name there: `c_email` is `c.email`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

Record = Mapping[str, Any]
T = TypeVar("T")


class Column(property):
    """Reads a column, or makes a value of several."""

    is_judged = False
    """Whether the value also depends on who sees it."""

    def __init__(self, *names: str, by: Callable[..., Any] | None = None) -> None:
        name = names[0]
        if by is None:
            super().__init__(lambda row: row.record[name])
        else:
            super().__init__(lambda row: by(*[row.record[one] for one in names]))
        self.names, self.by = names, by


class Part(property):
    """Reads the same record as a row of another kind; null where the column `unless_null` is."""

    def __init__(self, kind: "type[Row]", unless_null: str | None = None) -> None:
        super().__init__(lambda row: kind(row.record) if unless_null is None or row.record[unless_null] else None)
        self.kind, self.unless_null = kind, unless_null


def column(*names: str, by: Callable[..., Any] | None = None) -> Any:
    """A column, for an attribute whose annotation tells its type."""
    return Column(*names, by=by)


def part(kind: "type[Row]", unless_null: str | None = None) -> Any:
    """A part, for an attribute whose annotation tells its type."""
    return Part(kind, unless_null)


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
