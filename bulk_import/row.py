"""Parses a record into a person, or into what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bulk_import.mapping import ADDRESS
from bulk_import.records import Record
from models.rules.address import LONGEST_TEXT, clean, known
from models.rules.email import normalize_email
from models.rules.enums import Channel, ImportField, ImportRowErrorCode, ImportRowWarningCode
from models.rules.errors import InvalidEmail, InvalidPhone
from models.rules.names import split_full_name
from models.rules.phone import normalize_phone
from models.rules.row_warning import LeftOut

LONGEST_VALUE = 200
"""Rejected cells are truncated to this length."""
FEWEST_DIGITS = 6
"""A line with fewer digits does not count as a record with a phone number."""
_ORDER = list(ImportRowErrorCode)
Given = Mapping[ImportField, str | None]
"""What a record says of each field; None for blanks."""


@dataclass(frozen=True, slots=True)
class Fault:
    column: str | None
    value: str | None
    code: ImportRowErrorCode
    message: str


@dataclass(slots=True)
class ParsedRow:
    """A parsed record; the first of `faults` decides how it is counted. Without a fault, it is taken without what was left out."""

    number: int
    cells: list[str]
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    phone_national: str | None = None
    employee: str | None = None
    service: str | None = None
    faults: list[Fault] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reading:
    """How to parse records: the header, the position of each field, the country of phone numbers, and the requested
    channels. An invalid address that none of these needs is left out, and the person invited without it, with a warning."""

    header: Sequence[str]
    places: Mapping[ImportField, int]
    country: str
    channels: frozenset[Channel]

    def row(self, record: Record) -> ParsedRow:
        """Parses the record. Raises UnreadableFile if it seems to contain other records."""
        self._refuse_several(record)
        own = record.cells[: len(self.header)]
        row = ParsedRow(record.number, [cell[:LONGEST_VALUE] for cell in own])
        if record.problem is not None:
            message = f"Row {record.number} cannot be read: {record.problem}."
            row.faults.append(Fault(None, None, ImportRowErrorCode.MALFORMED, message))
            return row
        given = {wanted: self._at(record.cells, wanted) for wanted in self.places}
        self._names(row, given)
        self._email(row, given)
        self._phone(row, given)
        self._contact(row, given)
        row.faults.sort(key=lambda fault: _ORDER.index(fault.code))
        if row.faults:
            row.left_out.clear()
        return row

    def _refuse_several(self, record: Record) -> None:
        """Rejects several records that a stray quotation mark and a later one have merged."""
        if record.lines is not None and any(self._reaches_somebody(cells) for cells in record.lines.several[1:]):
            raise record.lines.refusal("its lines look like separate records, so a quotation mark seems to be stray")

    def _reaches_somebody(self, cells: list[str]) -> bool:
        digits = [character for character in self._at(cells, ImportField.PHONE) or "" if character.isdigit()]
        return "@" in (self._at(cells, ImportField.EMAIL) or "") or len(digits) >= FEWEST_DIGITS

    def _at(self, cells: list[str], wanted: ImportField) -> str | None:
        """The cell as written, or None if it is blank or has a placeholder."""
        value = cells[self.places[wanted]].strip() if wanted in self.places else None
        return value if known(value) else None

    def _fault(self, wanted: ImportField, value: str, code: ImportRowErrorCode, message: str) -> Fault:
        return Fault(self.header[self.places[wanted]], value[:LONGEST_VALUE], code, message)

    def _text(self, row: ParsedRow, given: Given, wanted: ImportField) -> str | None:
        value = clean(given.get(wanted))
        if value is not None and len(value) > LONGEST_TEXT:
            message = f"This is longer than {LONGEST_TEXT} characters; shorten it."
            row.faults.append(self._fault(wanted, value, ImportRowErrorCode.TOO_LONG, message))
            return None
        return value

    def _names(self, row: ParsedRow, given: Given) -> None:
        row.first_name = self._text(row, given, ImportField.FIRST_NAME)
        row.last_name = self._text(row, given, ImportField.LAST_NAME)
        if full := self._text(row, given, ImportField.FULL_NAME):
            row.first_name, row.last_name = split_full_name(full)
        row.employee = self._text(row, given, ImportField.EMPLOYEE)
        row.service = self._text(row, given, ImportField.SERVICE)

    def _email(self, row: ParsedRow, given: Given) -> None:
        value = given.get(ImportField.EMAIL)
        if value is None:
            return
        try:
            row.email = normalize_email(value)
        except InvalidEmail as refusal:
            if Channel.EMAIL in self.channels:
                code = ImportRowErrorCode.INVALID_EMAIL
                row.faults.append(self._fault(ImportField.EMAIL, value, code, refusal.message))
            else:
                self._leave_out(row, ImportField.EMAIL, ImportRowWarningCode.INVALID_EMAIL)

    def _phone(self, row: ParsedRow, given: Given) -> None:
        value = given.get(ImportField.PHONE)
        if value is None:
            return
        try:
            row.phone, row.phone_national = normalize_phone(value, self.country)
        except InvalidPhone as refusal:
            if Channel.SMS in self.channels:
                code = ImportRowErrorCode.INVALID_PHONE
                row.faults.append(self._fault(ImportField.PHONE, value, code, refusal.message))
            else:
                self._leave_out(row, ImportField.PHONE, ImportRowWarningCode.INVALID_PHONE)

    def _leave_out(self, row: ParsedRow, wanted: ImportField, code: ImportRowWarningCode) -> None:
        row.left_out.append(LeftOut(row.number, self.header[self.places[wanted]], code))

    def _contact(self, row: ParsedRow, given: Given) -> None:
        """Requires an address for one of the channels. An invalid address does not count as missing."""
        if not any(given.get(ADDRESS[channel]) for channel in self.channels):
            names = {Channel.EMAIL: "an e-mail address", Channel.SMS: "a phone number"}
            wanted = " or ".join(names[channel] for channel in Channel if channel in self.channels)
            message = f"This record has no address for the chosen channels; give {wanted or 'another channel'}."
            row.faults.append(Fault(None, None, ImportRowErrorCode.MISSING_CONTACT, message))
