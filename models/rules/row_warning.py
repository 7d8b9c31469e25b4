"""Warnings about a list: cells that were left out, counted by code and column. They decide over no row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.rules.enums import ImportRowWarningCode

MOST_ROWS = 5


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cell that was left out of a row."""

    row: int
    column: str
    code: ImportRowWarningCode


@dataclass(frozen=True, slots=True)
class ImportRowWarning:
    """`rows` are the first of the rows that it counts. Cells are not kept, since imports outlive their rows."""

    code: ImportRowWarningCode
    column: str
    count: int = 0
    rows: Sequence[int] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "ImportRowWarning":
        return cls(ImportRowWarningCode(stored["code"]), stored["column"], stored["count"], stored["rows"])


def counted(before: Iterable[ImportRowWarning], found: Iterable[LeftOut]) -> list[ImportRowWarning]:
    """The warnings of the rows before, together with those of further rows."""
    warnings = {(one.code, one.column): one for one in before}
    for cell in found:
        known = warnings.get((cell.code, cell.column), ImportRowWarning(cell.code, cell.column))
        rows = [*known.rows, cell.row][:MOST_ROWS]
        warnings[cell.code, cell.column] = replace(known, count=known.count + 1, rows=rows)
    return list(warnings.values())
