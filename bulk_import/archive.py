"""Reads the XML files of a spreadsheet's ZIP archive as events, in bounded memory and time."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from xml.parsers import expat

from bulk_import.xml_events import Event, Events, Handler, Parser, damaged
from models.rules.errors import UnreadableFile

MAX_UNPACKED, MAX_RATIO = 100_000_000, 100
"""In bytes, and per byte of the archive. Sheets of similar rows reach a ratio of 30."""
MAX_HEAD, MAX_HEAD_ELEMENTS = 10_000_000, 400_000
_RATIO_APPLIES = 2_500_000
_CHUNK, _MAX_FILES = 65_536, 10_000
_SPLIT_PATH = re.compile(r"[\\/]+")


class Archive:
    """A ZIP archive. Its files are found whatever the case and separators of their paths. `is_at_head`: only the first rows
    are wanted yet, which the gateway reads while its members wait."""

    def __init__(self, packed: bytes) -> None:
        # zipfile reads the whole directory, however long it is.
        if packed.count(b"PK\x01\x02") > _MAX_FILES:
            raise damaged("it contains too many files")
        with damage_in_words():
            self._zip = zipfile.ZipFile(io.BytesIO(packed))
        self._members = {_plain(one.filename): one for one in self._zip.infolist()}
        self._sizes = dict[str, int]()
        self._read = 0
        self.is_at_head = True

    def __contains__(self, path: str) -> bool:
        return _plain(path) in self._members

    def events(self, path: str) -> Iterator[Event]:
        """Raises UnreadableFile if the file is missing, damaged, or too large when unpacked."""
        events = Events()
        for _ in self.feed(path, events):
            found, events.found = events.found, []
            yield from found

    def feed(self, path: str, handler: Handler) -> Iterator[None]:
        """Like `events`, for a handler of its own, which is faster. Pauses after each chunk."""
        member = self._members.get(_plain(path))
        if member is None:
            raise UnreadableFile(f"The spreadsheet is damaged: it has no {path[:100]}.", ["uploadId"])
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged("it has an unknown compression")
        self._refuse_bomb(member)
        with damage_in_words(), self._zip.open(member) as stream:
            parser = Parser(handler)
            for _ in parser.feed(self._chunks(stream)):
                self._refuse_long_head(parser.elements)
                yield

    def _chunks(self, stream: IO[bytes]) -> Iterator[bytes]:
        while chunk := stream.read(_CHUNK):
            self._read += len(chunk)
            yield chunk

    def _refuse_long_head(self, elements: int) -> None:
        if self.is_at_head and (self._read > MAX_HEAD or elements > MAX_HEAD_ELEMENTS):
            most = f"{MAX_HEAD // 1_000_000} MB and {MAX_HEAD_ELEMENTS:,} XML elements"
            raise damaged(f"its first rows are not within the first {most}")

    def _refuse_bomb(self, member: zipfile.ZipInfo) -> None:
        """Before anything is unpacked; zipfile never unpacks more than the size stated in the archive."""
        self._sizes[member.filename] = member.file_size
        dense = member.file_size > max(_RATIO_APPLIES, MAX_RATIO * member.compress_size)
        if sum(self._sizes.values()) > MAX_UNPACKED or dense:
            most = MAX_UNPACKED // 1_000_000
            raise UnreadableFile(
                f"The spreadsheet is too large when unpacked; at most {most} MB are allowed, and {MAX_RATIO} times the "
                "file's size. Save the list as CSV UTF-8 and upload it again.",
                ["uploadId"],
            )


def _plain(path: str) -> str:
    return "/".join(part for part in _SPLIT_PATH.split(path.lower()) if part)


@contextmanager
def damage_in_words() -> Iterator[None]:
    try:
        yield
    except zipfile.BadZipFile as error:
        raise damaged("it is not a complete ZIP archive") from error
    except (expat.ExpatError, UnicodeError, LookupError, ValueError) as error:
        raise damaged("its XML is not valid") from error
    except (zlib.error, struct.error, EOFError, OSError) as error:
        raise damaged("it cannot be unpacked") from error
    except (NotImplementedError, RuntimeError) as error:
        raise damaged("it has a password") from error
