"""Splits a file's bytes into lines of text."""

import io
import re
from collections.abc import Iterable, Iterator

from bulk_import.encoding import Utf8Pieces
from bulk_import.records import END_OF_FILE
from models.rules.errors import UnreadableFile

LONGEST_LINE = 1_000_000
_INVALID = re.compile("[\ud800-\udfff]")
_MARK = "\ufeff"


class _Raw(io.RawIOBase):
    """A file-like object over pieces of bytes."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: object) -> int:
        view = memoryview(target)  # type: ignore[arg-type] # a writable buffer, as io documents
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        size = min(len(view), len(self._rest))
        view[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def text_lines(pieces: Utf8Pieces) -> Iterator[str]:
    """Yields lines with their line endings, without byte order marks and a final Ctrl-Z. Raises UnreadableFile for the first
    line that cannot be decoded or is too long."""
    # Invalid bytes become lone surrogates; an exception would tell the place of the buffer, not of the line.
    buffer = io.BufferedReader(_Raw(pieces), 65536)
    text = io.TextIOWrapper(buffer, encoding="utf-8", errors="surrogateescape", newline="")
    number = 0
    while line := text.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise UnreadableFile(
                f"Line {number} has more than {LONGEST_LINE:,} characters; is this a CSV file?", ["uploadId"]
            )
        if not line.isascii() and _INVALID.search(line):
            raise UnreadableFile(_undecodable(number, pieces.encoding.name), ["uploadId"])
        if number == 1:
            line = line.lstrip(_MARK)
        yield line.rstrip(END_OF_FILE)  # it ends a line only if no line ending follows, at the end of the file


def _undecodable(line: int, encoding: str) -> str:
    return f"Line {line} is not valid {encoding}; save the file as CSV UTF-8 and upload it again."
