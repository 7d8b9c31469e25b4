"""The rows of a file, some at a time. Files stay open between the slices of their imports, so that a worker reads each once."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from bulk_import import storage
from bulk_import.mapping import check, places
from bulk_import.reader import open_list
from bulk_import.report import opened
from bulk_import.row import ParsedRow, Reading
from models.rules.enums import Channel, ImportField

MOST_OPEN, IDLE_SECONDS = 2, 600.0
"""A spreadsheet is held in memory, packed. Further imports open their file anew for each slice."""


@dataclass(frozen=True, slots=True)
class How:
    """How to read a file: its mapping, the country of its phone numbers, and the channels that the list is for."""

    mapping: tuple[tuple[str, ImportField], ...]
    country: str
    channels: frozenset[Channel]


class Rows:
    """The rows of a file. `position`: how many were read. Blocking, for use in a thread."""

    def __init__(self, pieces: Iterator[bytes], how: How) -> None:
        self.how, self.position, self.used = how, 0, time.monotonic()
        file = open_list(pieces, [column for column, _ in how.mapping])
        check(how.mapping, file.header)
        self._reading = Reading(file.header, places(how.mapping, file.header), how.country, how.channels)
        _, self._records = opened(file.header, file)

    def take(self, position: int, most: int) -> list[ParsedRow]:
        """At most this many rows from this position on, which is not before the present one."""
        records = itertools.islice(self._records, position - self.position, position - self.position + most)
        rows = [self._reading.row(record) for record in records]
        self.position, self.used = position + len(rows), time.monotonic()
        return rows


_open: dict[UUID, Rows] = {}
"""By import; none that is being read, or that met an error."""


async def rows_from(key: UUID, upload: UUID, how: How, position: int) -> Rows:
    """The import's file, open at this position or before it. The caller has it alone."""
    for idle in [one for one, rows in _open.items() if rows.used < time.monotonic() - IDLE_SECONDS]:
        del _open[idle]
    rows = _open.pop(key, None)
    if rows is None or rows.how != how or rows.position > position:
        rows = await storage.read(upload, lambda pieces: Rows(pieces, how))
    return rows


def keep(key: UUID, rows: Rows) -> None:
    """Keeps the import's file open until its next slice, if there are not too many."""
    if len(_open) < MOST_OPEN:
        _open[key] = rows


def close(key: UUID) -> None:
    """Forgets the import's file, if it is open."""
    _open.pop(key, None)
