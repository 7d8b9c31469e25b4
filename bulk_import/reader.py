"""Opens an uploaded file as a header and records, whatever its format."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

from bulk_import.csv_file import CsvFile
from bulk_import.formats import refuse_other_formats
from bulk_import.records import Record
from bulk_import.spreadsheet import Spreadsheet

_FORMAT_BYTES, _ZIP = 512, b"PK\x03\x04"


class ListFile(Protocol):
    """A file with a header and records. `encoding` and `delimiter`: what the preview shows. `title`: the rows above the header."""

    @property
    def header(self) -> list[str]: ...

    @property
    def title(self) -> Sequence[Sequence[str]]: ...

    @property
    def encoding(self) -> str: ...

    @property
    def delimiter(self) -> str: ...

    def __iter__(self) -> Iterator[Record]: ...


def open_list(pieces: Iterable[bytes], columns: Collection[str] = ()) -> ListFile:
    """Opens the file. `columns`: the names that the mapping expects. Raises UnreadableFile."""
    rest = iter(pieces)
    head = b""
    while len(head) < _FORMAT_BYTES and (piece := next(rest, None)) is not None:
        head += piece
    refuse_other_formats(head)
    if head.startswith(_ZIP):
        return Spreadsheet(itertools.chain([head], rest), columns)
    return CsvFile(itertools.chain([head], rest), columns)
