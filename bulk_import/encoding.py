"""Detects a text file's encoding from its beginning, and converts its bytes to UTF-8."""

import codecs
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bulk_import.code_pages import CODE_PAGES, code_page
from models.rules.errors import UnreadableFile

HEAD = 1_000_000
SAMPLE = 65_536
"""How many bytes, counted from the first that is not ASCII, decide between UTF-8 and a code page."""
_PATTERN_BYTES = 4096
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_UNDECODABLE = b"\xff"


@dataclass(frozen=True, slots=True)
class Encoding:
    """`name` is IANA's; Python's codec has the same name."""

    name: str
    mark: bytes = b""


UTF_8 = Encoding("UTF-8")
_READ = [
    Encoding("UTF-8", codecs.BOM_UTF8),
    Encoding("UTF-16LE", codecs.BOM_UTF16_LE),
    Encoding("UTF-16BE", codecs.BOM_UTF16_BE),
]
_REFUSED = [
    Encoding("UTF-32", codecs.BOM_UTF32_LE),
    Encoding("UTF-32", codecs.BOM_UTF32_BE),
    Encoding("UTF-7", b"+/v8"),
    Encoding("UTF-7", b"+/v9"),
    Encoding("UTF-EBCDIC", b"\xdd\x73\x66\x73"),
    Encoding("SCSU", b"\x0e\xfe\xff"),
    Encoding("BOCU-1", b"\xfb\xee\x28"),
    Encoding("GB18030", b"\x84\x31\x95\x33"),
]


class Utf8Pieces:
    """A file's pieces in UTF-8. Bytes that are invalid in the file's encoding stay invalid, so that the reader of lines finds
    them. `encoding` can change from UTF-8 to a code page only before the first byte that distinguishes them."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        head = self._take(HEAD)
        marked = _marked(head)
        self.encoding = marked or UTF_8
        self._decided = marked is not None
        self._rest = self._decide(head) if marked is None else head[len(marked.mark) :]

    def _take(self, size: int) -> bytes:
        """The next pieces, of together at least this size unless the file ends."""
        taken = bytearray()
        while len(taken) < size and (piece := next(self._pieces, None)) is not None:
            taken += piece
        return bytes(taken)

    def __iter__(self) -> Iterator[bytes]:
        pieces = itertools.chain([self._rest], self._pieces)
        while not self._decided and (piece := next(pieces, None)) is not None:
            pieces = itertools.chain([self._decide(piece)], pieces) if not piece.isascii() else pieces
            if not self._decided:
                yield piece
        yield from _converted(pieces, self.encoding)

    def _decide(self, piece: bytes) -> bytes:
        """Decides between UTF-8 and a code page, once for the rest of the file, at the first byte that is not ASCII. Returns
        the piece with what was read to decide."""
        if (found := _NOT_ASCII.search(piece)) is not None:
            start = found.start()
            piece += self._take(SAMPLE - (len(piece) - start))
            self.encoding, self._decided = _eight_bit(piece[start : start + SAMPLE]), True
        return piece


def _marked(head: bytes) -> Encoding | None:
    """The encoding by its byte order mark or pattern of NUL bytes. Raises UnreadableFile."""
    for refused in _REFUSED:
        if head.startswith(refused.mark):
            raise _unsupported(refused.name)
    for read in _READ:
        if head.startswith(read.mark):
            return read
    return _nul_pattern(head[:_PATTERN_BYTES])


def _nul_pattern(head: bytes) -> Encoding | None:
    """UTF-16 without a byte order mark: in Latin text, every second byte is NUL. Raises UnreadableFile for UTF-32, where
    three of four are."""
    nuls = [head[place::4].count(0) for place in range(4)]
    quarter = len(head) // 4
    if quarter >= 2 and max(min(nuls[:2]), min(nuls[2:])) >= quarter * 0.9:
        raise _unsupported("UTF-32")
    even, odd, pairs = nuls[0] + nuls[2], nuls[1] + nuls[3], len(head) // 2
    if odd * 4 >= pairs > 0 and even * 10 <= odd:
        return Encoding("UTF-16LE")
    if even * 4 >= pairs > 0 and odd * 10 <= even:
        return Encoding("UTF-16BE")
    return None


def _unsupported(name: str) -> UnreadableFile:
    return UnreadableFile(f"The file is {name}; save it as CSV UTF-8 and upload it again.", ["uploadId"])


def _eight_bit(sample: bytes) -> Encoding:
    """UTF-8 if most of what is not ASCII in the sample is valid UTF-8: a damaged file is reported, not read with wrong
    letters. Raises UnreadableFile if no encoding that is read makes words of it."""
    whole = len(sample) < SAMPLE
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample, whole)
    invalid = sum("\udc80" <= one <= "\udcff" for one in text)
    valid = sum(one >= "\x80" for one in text) - invalid
    return _of_code_page(sample) if invalid > valid else UTF_8


def _of_code_page(sample: bytes) -> Encoding:
    if (name := code_page(sample)) is None:
        raise UnreadableFile(
            "The file's letters are in an encoding that cannot be recognized; save it as CSV UTF-8 and upload it again.",
            ["uploadId"],
        )
    return Encoding(name)


def _converted(pieces: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    if encoding.name == UTF_8.name:
        yield from pieces
    elif encoding.name in CODE_PAGES:
        for piece in pieces:
            yield piece.decode(encoding.name, "surrogateescape").encode("utf-8", "surrogateescape")
    else:
        yield from _from_utf_16(pieces, encoding.name)


def _from_utf_16(pieces: Iterable[bytes], codec: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)("surrogatepass")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "surrogatepass")
    if decoder.getstate()[0]:
        yield _UNDECODABLE  # half a character
