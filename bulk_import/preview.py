"""Shows how a file is understood: its encoding, delimiter and columns, with samples and suggested fields."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bulk_import.preview_warnings import PreviewWarning, warnings_of
from bulk_import.reader import open_list
from bulk_import.suggest import suggested_fields
from models.rules.enums import ImportField

SAMPLES, LONGEST_SAMPLE = 5, 200
_RECORDS = 50
"""Enough to suggest fields by their contents; the rest of a CSV file is not read."""


@dataclass(frozen=True, slots=True)
class Column:
    """`samples`: the first cells that are not empty, truncated."""

    name: str
    samples: list[str]
    suggested: ImportField | None


@dataclass(frozen=True, slots=True)
class Preview:
    encoding: str
    delimiter: str
    columns: list[Column]
    warnings: list[PreviewWarning]


def preview(pieces: Iterable[bytes]) -> Preview:
    """Blocking, for use in a thread. Raises UnreadableFile."""
    file = open_list(pieces)
    records = list(itertools.islice(file, _RECORDS))
    rows = [record.cells for record in records if record.problem is None]
    columns = [(name, _filled(rows, place)) for place, name in enumerate(file.header)]
    return Preview(
        file.encoding,
        file.delimiter,
        [
            Column(name, cells[:SAMPLES], field if name else None)
            for (name, cells), field in zip(columns, suggested_fields(columns), strict=True)
        ],
        warnings_of(file.title, records),
    )


def _filled(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return [cell[:LONGEST_SAMPLE] for cell in (row[place].strip() for row in rows) if cell]
