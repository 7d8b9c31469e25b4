"""The rows of a sheet of an OpenDocument spreadsheet (ODS)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bulk_import.archive import Archive
from bulk_import.header import MAX_COLUMNS
from bulk_import.numbers_in_sheets import number_text, seen_number, without_midnight
from bulk_import.xlsx import Row, Text, not_calculated
from bulk_import.xml_events import Kind, damaged

CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"
_MAX_REPEATED = 1_048_576
_BLANKS = {"tab": "\t", "line-break": "\n"}
_CELLS = ("table-cell", "covered-table-cell")


@dataclass(slots=True)
class _Reading:
    """The row and cell that are being read."""

    row: Row = field(default_factory=dict)
    column: int = 0
    row_repeats: int = 1
    repeats: int = 1
    given: dict[str, str] = field(default_factory=dict)
    text: Text = field(default_factory=Text)
    paragraphs: int = 0

    def start_row(self, given: dict[str, str]) -> None:
        self.row, self.column = {}, 0
        self.row_repeats = _number(given.get("number-rows-repeated"))

    def start_cell(self, given: dict[str, str]) -> None:
        self.given, self.paragraphs = given, 0
        self.repeats = _number(given.get("number-columns-repeated"))
        self.text.take()

    def start_paragraph(self) -> None:
        if self.paragraphs:
            self.text.add("\n")
        self.paragraphs += 1

    def end_cell(self) -> None:
        if value := _value(self.given, self.text.take()):
            # One column more than a list can have shows that there are too many.
            for column in range(self.column, min(self.column + self.repeats, MAX_COLUMNS + 1)):
                self.row[column] = value
        self.column += self.repeats


@dataclass(slots=True)
class _Place:
    """Where the reading is: the elements around it, and the number of the visible sheet, from 0; None elsewhere. A hidden sheet
    has a style that says so."""

    within: list[str] = field(default_factory=list)
    sheet: int | None = None
    visible: int = 0
    _style: str = ""
    _hidden: set[str] = field(default_factory=set)

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "style":
            self._style = given.get("name", "")
        elif name == "table-properties" and given.get("display") == "false":
            self._hidden.add(self._style)
        elif name == "table" and self.within.count("table") == 1 and given.get("style-name") not in self._hidden:
            self.sheet = self.visible
            self.visible += 1


_OF_PLACE = frozenset({"style", "table-properties", "table"})


class Document:
    """A spreadsheet's visible sheets."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._sheets: int | None = None
        if MANIFEST in archive and any(name == "encryption-data" for _, name, _ in archive.events(MANIFEST)):
            raise damaged("it has a password")

    def rows(self, number: int) -> Iterator[Row]:
        """The rows of a sheet; none if there is no such sheet. Raises UnreadableFile."""
        if self._sheets is not None and number >= self._sheets:
            return
        reading, place = _Reading(), _Place()
        within = place.within
        for kind, name, given in self._archive.events(CONTENT):
            if kind is Kind.START:
                within.append(name)
                if name in _OF_PLACE:
                    place.start(name, given)
                if place.sheet == number:
                    _start(reading, within, given)
            elif kind is Kind.TEXT:
                if within[-1:] != ["table-cell"] and place.sheet == number and _in_cell(within):
                    reading.text.add(name)
            else:
                if place.sheet == number:
                    yield from _end(reading, within)
                if within.pop() == "table" and "table" not in within:
                    if place.sheet == number:
                        return
                    place.sheet = None
        self._sheets = place.visible


def _start(reading: _Reading, within: list[str], given: dict[str, str]) -> None:
    name = within[-1]
    if name == "table-row" and within.count("table") == 1:
        reading.start_row(given)
    elif name in _CELLS and within.count("table") == 1:
        reading.start_cell(given)
    elif not _in_cell(within):
        return
    elif name == "p":
        reading.start_paragraph()
    elif name == "s":
        reading.text.add(" " * min(_number(given.get("c")), 1000))
    else:
        reading.text.add(_BLANKS.get(name, ""))


def _end(reading: _Reading, within: list[str]) -> Iterator[Row]:
    if within.count("table") != 1:
        return
    if within[-1] in _CELLS:
        reading.end_cell()
    elif within[-1] == "table-row":
        # Sheets end with a million of empty rows, which are one element.
        for _ in range(reading.row_repeats if reading.row else 1):
            yield reading.row


def _in_cell(within: list[str]) -> bool:
    """Whether this is a part of a cell's text."""
    return "p" in within and within.count("table") == 1 and "annotation" not in within


def _value(given: dict[str, str], text: str) -> str:
    kind = given.get("value-type", "")
    if kind == "float":
        return seen_number(given.get("value", text), text)
    if kind in ("percentage", "currency"):
        return number_text(given.get("value", text))
    if kind == "date":
        return without_midnight(given.get("date-value", text))
    if kind == "boolean":
        return given.get("boolean-value", text).upper()
    if not kind and not text and "formula" in given:
        raise not_calculated(None)
    return given.get("string-value", text)


def _number(text: str | None) -> int:
    """A number of repetitions, from 1."""
    return max(1, min(int(text), _MAX_REPEATED)) if text and text.isascii() and text.isdigit() and len(text) < 10 else 1
