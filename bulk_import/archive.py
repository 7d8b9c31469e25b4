"""Reads the XML files of a spreadsheet's ZIP archive as events, in bounded memory and time."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import IO, Any
from xml.parsers import expat

from models.rules.errors import UnreadableFile

MAX_UNPACKED, MAX_RATIO = 100_000_000, 100
"""In bytes, and per byte of the archive. Sheets of similar rows reach a ratio of 30."""
_RATIO_APPLIES = 10_000_000
_CHUNK, _LONGEST_TAG = 65_536, 1_000_000
_MAX_FILES, _MAX_DEPTH, _MAX_NAMES = 10_000, 100, 5_000
_SPLIT_PATH = re.compile(r"[\\/]+")


class Kind(Enum):
    START = "start"
    END = "end"
    TEXT = "text"


Event = tuple[Kind, str, dict[str, str]]
"""Start and end have an element's name, and text has the text; attributes and elements are named without their prefixes."""


_START, _END, _TEXT, _NOTHING = Kind.START, Kind.END, Kind.TEXT, dict[str, str]()
"""Looked up once: a sheet has millions of events."""


class Archive:
    """A ZIP archive. Its files are found whatever the case and separators of their paths."""

    def __init__(self, packed: bytes) -> None:
        # zipfile reads the whole directory, however long it is.
        if packed.count(b"PK\x01\x02") > _MAX_FILES:
            raise _damaged("it contains too many files")
        with damage_in_words():
            self._zip = zipfile.ZipFile(io.BytesIO(packed))
        self._members = {_plain(one.filename): one for one in self._zip.infolist()}
        self._unpacked = 0

    def __contains__(self, path: str) -> bool:
        return _plain(path) in self._members

    def events(self, path: str) -> Iterator[Event]:
        """Raises UnreadableFile if the file is missing, damaged, or too large when unpacked."""
        member = self._members.get(_plain(path))
        if member is None:
            raise UnreadableFile(f"The spreadsheet is damaged: it has no {path}.", ["uploadId"])
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _damaged("it has an unknown compression")
        self._refuse_bomb(member)
        with damage_in_words(), self._zip.open(member) as stream:
            yield from _Parser().events(stream)

    def _refuse_bomb(self, member: zipfile.ZipInfo) -> None:
        """Before anything is unpacked; zipfile never unpacks more than the size stated in the archive."""
        self._unpacked += member.file_size
        dense = member.file_size > max(_RATIO_APPLIES, MAX_RATIO * member.compress_size)
        if self._unpacked > MAX_UNPACKED or dense:
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
        raise _damaged("it is not a complete ZIP archive") from error
    except (expat.ExpatError, UnicodeError, LookupError, ValueError) as error:
        raise _damaged("its XML is not valid") from error
    except (zlib.error, struct.error, EOFError, OSError) as error:
        raise _damaged("it cannot be unpacked") from error
    except (NotImplementedError, RuntimeError) as error:
        raise _damaged("it has a password") from error


def _damaged(why: str) -> UnreadableFile:
    return UnreadableFile(
        f"The spreadsheet cannot be read: {why}. Save the list as CSV UTF-8 and upload it again.", ["uploadId"]
    )


class _Parser:
    """Turns XML into events. Refuses what is valid, but needs unlimited memory: entities, depth, and long names and tags."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._depth = 0
        self._found: list[Event] = []
        self._parser = expat.ParserCreate(intern=self._names)
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_declaration
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def events(self, stream: IO[bytes]) -> Iterator[Event]:
        quiet = 0
        while chunk := stream.read(_CHUNK):
            self._parser.Parse(chunk)
            quiet = 0 if self._found else quiet + len(chunk)
            if quiet > _LONGEST_TAG or len(self._names) > _MAX_NAMES:
                raise _damaged("its XML is not that of a spreadsheet")
            found, self._found = self._found, []
            yield from found
        self._parser.Parse(b"", True)
        yield from self._found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _damaged("its XML is nested too deeply")
        if ":" in "".join(attributes):
            attributes = {_local(key): value for key, value in attributes.items()}
        self._found.append((_START, _local(name), attributes))

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._found.append((_END, _local(name), _NOTHING))

    def _text(self, text: str) -> None:
        self._found.append((_TEXT, text, _NOTHING))

    @staticmethod
    def _refuse_declaration(*_given: Any) -> None:
        raise _damaged("its XML has a document type declaration")


def _local(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name else name
