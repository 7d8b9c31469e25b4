"""Parses XML as a stream of events, in bounded memory."""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, Protocol
from xml.parsers import expat

from models.rules.errors import UnreadableFile

_LONGEST_TAG, _MAX_DEPTH, _MAX_NAMES = 1_000_000, 100, 5_000


class Kind(Enum):
    START = "start"
    END = "end"
    TEXT = "text"


Event = tuple[Kind, str, dict[str, str]]
"""Start and end have an element's name, and text has the text; attributes and elements are named without their prefixes."""


_START, _END, _TEXT, _NOTHING = Kind.START, Kind.END, Kind.TEXT, dict[str, str]()
"""Looked up once: a sheet has millions of events."""


def damaged(why: str) -> UnreadableFile:
    return UnreadableFile(
        f"The spreadsheet cannot be read: {why}. Save the list as CSV UTF-8 and upload it again.", ["uploadId"]
    )


class Handler(Protocol):
    """Receives a file's elements and text. Names are as in the file, with their prefixes."""

    def start(self, name: str, given: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


class Events:
    """Collects events."""

    def __init__(self) -> None:
        self.found: list[Event] = []

    def start(self, name: str, given: dict[str, str]) -> None:
        if ":" in "".join(given):
            given = {local_name(key): value for key, value in given.items()}
        self.found.append((_START, local_name(name), given))

    def end(self, name: str) -> None:
        self.found.append((_END, local_name(name), _NOTHING))

    def text(self, text: str) -> None:
        self.found.append((_TEXT, text, _NOTHING))


class Parser:
    """Passes XML to a handler. Refuses what is valid, but needs unlimited memory: entities, depth, and long names and tags."""

    def __init__(self, handler: Handler) -> None:
        self._names: dict[str, str] = {}
        self._depth = 0
        self.elements = 0
        self._handle_start, self._handle_end = handler.start, handler.end
        self._parser = expat.ParserCreate(intern=self._names)
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_declaration
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = handler.text

    def feed(self, chunks: Iterable[bytes]) -> Iterator[None]:
        """Pauses after each chunk."""
        quiet = before = 0
        for chunk in chunks:
            self._parser.Parse(chunk)
            quiet = 0 if self.elements > before else quiet + len(chunk)
            before = self.elements
            if quiet > _LONGEST_TAG or len(self._names) > _MAX_NAMES:
                raise damaged("its XML is not that of a spreadsheet")
            yield
        self._parser.Parse(b"", True)
        yield

    def _start(self, name: str, given: dict[str, str]) -> None:
        self._depth += 1
        self.elements += 1
        if self._depth > _MAX_DEPTH:
            raise damaged("its XML is nested too deeply")
        self._handle_start(name, given)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._handle_end(name)

    @staticmethod
    def _refuse_declaration(*_given: Any) -> None:
        raise damaged("its XML has a document type declaration")


def local_name(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name else name
