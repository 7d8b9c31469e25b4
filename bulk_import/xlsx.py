"""The rows of a sheet of an Excel workbook (XLSX or XLSM). Macros and formulas are not run."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from bulk_import.archive import Archive
from bulk_import.numbers_in_sheets import (
    DATE_FORMATS,
    date_text,
    is_date_format,
    number_text,
    shown_digits,
    without_midnight,
)
from bulk_import.records import LONGEST_CELL
from bulk_import.xml_events import Event, Kind, damaged, local_name
from models.rules.errors import UnreadableFile

WORKBOOK, STRINGS = "xl/workbook.xml", "xl/sharedStrings.xml"
_ENDED = object()
_MAX_STRINGS, _MOST_COLUMNS = 5_000_000, 16_384
_PLACE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_CONTROL = re.compile(r"_x(00(?:09|0A|0D|5F))_", re.IGNORECASE)
Row = dict[int, str]
"""The cells that are not empty, by column from 0."""


@dataclass(slots=True)
class Text:
    """Collects pieces of text up to one character more than a cell can have."""

    _parts: list[str] = field(default_factory=list)
    _size: int = 0

    def add(self, part: str) -> None:
        if self._size <= LONGEST_CELL:
            self._parts.append(part)
            self._size += len(part)

    def take(self) -> str:
        if not self._size:
            return ""
        text = "".join(self._parts)
        self._parts.clear()
        self._size = 0
        return text


_NO_STRING = "a cell refers to a text that is not in the file"


class Strings:
    """The strings that cells refer to by number, read as far as needed, without their reading aids in other scripts."""

    def __init__(self, archive: Archive) -> None:
        self._known: list[str] = []
        self._text = Text()
        self._in_text = self._in_reading_aid = False
        self._feed = archive.feed(STRINGS, self) if STRINGS in archive else iter(())

    def get(self, number: str) -> str:
        """Raises UnreadableFile if there is no such string: its row would be lost without an error."""
        if not number:
            return ""
        if not number.isascii() or not number.isdigit() or len(number) > 8:
            raise damaged(_NO_STRING)
        wanted = int(number)
        while len(self._known) <= wanted and len(self._known) < _MAX_STRINGS and next(self._feed, _ENDED) is not _ENDED:
            pass
        if wanted >= len(self._known):
            raise damaged(_NO_STRING)
        return self._known[wanted]

    def start(self, name: str, _given: dict[str, str]) -> None:
        if name == "t" or local_name(name) == "t":
            self._in_text = not self._in_reading_aid
        elif local_name(name) == "rPh":
            self._in_reading_aid = True

    def text(self, text: str) -> None:
        if self._in_text:
            self._text.add(text)

    def end(self, name: str) -> None:
        self._in_text = False
        if name == "si" or local_name(name) == "si":
            self._known.append(self._text.take())
        elif local_name(name) == "rPh":
            self._in_reading_aid = False


@dataclass(slots=True)
class Styles:
    """Which styles of cells show dates, and what others show before a number, with how many digits."""

    dates: set[str] = field(default_factory=set)
    digits: dict[str, tuple[str, int]] = field(default_factory=dict)

    @classmethod
    def read(cls, events: Iterator[Event]) -> "Styles":
        styles, codes, in_cells, number = cls(), dict[str, str](), False, 0
        for kind, name, given in events:
            if name == "cellXfs" and kind is not Kind.TEXT:
                in_cells = kind is Kind.START
            elif kind is Kind.START and name == "numFmt":
                codes[given.get("numFmtId", "")] = given.get("formatCode", "")
            elif kind is Kind.START and name == "xf" and in_cells:
                styles._add(str(number), given.get("numFmtId", "0"), codes)
                number += 1
        return styles

    def _add(self, style: str, format_id: str, codes: dict[str, str]) -> None:
        code = codes.get(format_id, "")
        if is_date_format(code) or (not code and format_id.isdecimal() and int(format_id) in DATE_FORMATS):
            self.dates.add(style)
        elif (shown := shown_digits(code)) > ("", 1):
            self.digits[style] = shown


@dataclass(slots=True)
class Sheet:
    """Reads a sheet's rows. Cells without a place follow the one before."""

    strings: Strings
    styles: Styles
    since_1904: bool

    def rows(self, events: Iterator[Event]) -> Iterator[Row]:
        row: Row = {}
        value, column, cell = Text(), -1, dict[str, str]()
        in_value = in_reading_aid = is_calculated_later = False
        for kind, name, given in events:
            if kind is Kind.TEXT:
                if in_value and not in_reading_aid:
                    value.add(name)
            elif name == "c":
                if kind is Kind.START:
                    column, cell = _column(given.get("r"), column + 1), given
                elif is_calculated_later:
                    raise not_calculated(cell.get("r"))
                elif (written := value.take()) and (text := self._text(cell, written)) and column < _MOST_COLUMNS:
                    row[column] = text
            elif name in ("v", "t"):
                in_value, is_calculated_later = kind is Kind.START, False
            elif name == "f":
                is_calculated_later = True
            elif name == "rPh":
                in_reading_aid = kind is Kind.START
            elif name == "row" and kind is Kind.END:
                yield row
                row, column = {}, -1

    def _text(self, cell: dict[str, str], written: str) -> str:
        kind, style = cell.get("t", "n"), cell.get("s", "")
        if kind == "s":
            return _unescaped(self.strings.get(written.strip()))
        if kind == "n":
            if style in self.styles.dates:
                return date_text(written, since_1904=self.since_1904)
            return number_text(written, *self.styles.digits.get(style, ()))
        if kind == "d":
            return without_midnight(written)
        if kind == "b":
            return "TRUE" if written.strip() == "1" else "FALSE"
        return _unescaped(written)


def not_calculated(place: str | None) -> UnreadableFile:
    return UnreadableFile(
        f"{f'Cell {place[:20]}' if place else 'A cell'} has a formula without its result. Open the file in a spreadsheet program, "
        "save it and upload it again.",
        ["uploadId"],
    )


def _unescaped(text: str) -> str:
    """Excel writes line breaks in some strings as _x000D_."""
    return _CONTROL.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _column(place: str | None, following: int) -> int:
    found = _PLACE.fullmatch(place) if place else None
    return _number(found[1]) if found else following


@lru_cache(1000)
def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


class Workbook:
    """A workbook's visible sheets, or all if none is."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._paths, self._since_1904 = _sheets(archive)
        self._strings = Strings(archive)
        self._styles = Styles.read(archive.events("xl/styles.xml")) if "xl/styles.xml" in archive else Styles()

    def rows(self, number: int) -> Iterator[Row]:
        """The rows of a sheet; none if there is no such sheet. Raises UnreadableFile."""
        for path in self._paths[number : number + 1]:
            yield from Sheet(self._strings, self._styles, self._since_1904).rows(self._archive.events(path))


def _sheets(archive: Archive) -> tuple[list[str], bool]:
    """The paths of the visible sheets, and whether their dates count from 1904."""
    targets = {
        given.get("Id", ""): given.get("Target", "")
        for kind, name, given in archive.events("xl/_rels/workbook.xml.rels")
        if kind is Kind.START and name == "Relationship" and given.get("Type", "").endswith("/worksheet")
    }
    sheets, since_1904 = [], False
    for kind, name, given in archive.events(WORKBOOK):
        if kind is Kind.START and name == "workbookPr":
            since_1904 = given.get("date1904", "") in ("1", "true")
        elif kind is Kind.START and name == "sheet" and given.get("id", "") in targets:
            sheets.append((given.get("state", "visible") == "visible", targets[given["id"]]))
    if not sheets:
        raise UnreadableFile("The workbook has no sheet.", ["uploadId"])
    shown = [target for is_visible, target in sheets if is_visible] or [target for _, target in sheets]
    return [posixpath.normpath(posixpath.join("/xl", target)).lstrip("/") for target in shown], since_1904
