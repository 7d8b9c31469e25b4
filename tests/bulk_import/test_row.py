"""Parsing a record into a person or its errors."""

import pytest

from bulk_import.csv_file import CsvFile
from bulk_import.mapping import check, check_channels, places
from bulk_import.records import Record
from bulk_import.row import ParsedRow, Reading
from models.rules.enums import Channel, ImportField
from models.rules.errors import InvalidMapping, UnreadableFile

HEADER = ["Name", "E-Mail", "Telefon", "Service"]
MAPPING = [
    ("Name", ImportField.FULL_NAME),
    ("e-mail", ImportField.EMAIL),
    ("Telefon", ImportField.PHONE),
    ("Service", ImportField.SERVICE),
]

BOTH = frozenset({Channel.EMAIL, Channel.SMS})


def read(
    *cells: str, channels: frozenset[Channel] = frozenset({Channel.EMAIL}), problem: str | None = None
) -> ParsedRow:
    reading = Reading(HEADER, places(MAPPING, HEADER), "DE", channels)
    return reading.row(Record(1, list(cells), problem))


def codes(row: ParsedRow) -> list[str]:
    return [str(fault.code) for fault in row.faults]


def test_a_valid_record_is_normalized() -> None:
    row = read(" Zoë  van der Berg ", "Zoe@Example.ORG ", "0151 1234 5678", "Haarschnitt")
    assert (row.first_name, row.last_name, row.email) == ("Zoë", "van der Berg", "zoe@example.org")
    assert (row.phone, row.phone_national, row.service, row.faults) == (
        "+4915112345678",
        "015112345678",
        "Haarschnitt",
        [],
    )


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("Ann", "", "", ""), ["MISSING_CONTACT"]),
        (("Ann", "ann@", "", ""), ["INVALID_EMAIL"]),
        (("Ann", "ann@example.org", "12", ""), ["INVALID_PHONE"]),
        (("Ann", "ann@example.org", "4.915112E+11", ""), ["INVALID_PHONE"]),
        (("Ann", "ann", "12", ""), ["INVALID_EMAIL", "INVALID_PHONE"]),
        (("A" * 201, "ann", "", ""), ["TOO_LONG", "INVALID_EMAIL"]),
        (("Ann", "jörg@example.org", "", ""), ["INVALID_EMAIL"]),
    ],
)
def test_faults_are_in_order_of_precedence(cells: tuple[str, ...], expected: list[str]) -> None:
    assert codes(read(*cells, channels=BOTH)) == expected


@pytest.mark.parametrize(
    "phone", ["12", "030 12345678 ext. 12", "493012345678.0", "030-12345678/9", "4.915112E+11", "ask", "+999 1"]
)
def test_a_phone_number_that_no_channel_needs_is_left_out(phone: str) -> None:
    row = read("Ann", "ann@example.org", phone, "")
    assert (row.email, row.phone, row.phone_national, row.faults) == ("ann@example.org", None, None, [])


def test_an_email_address_that_no_channel_needs_is_left_out() -> None:
    row = read("Ann", "ann@", "015112345678", "", channels=frozenset({Channel.SMS}))
    assert (row.email, row.phone, row.faults) == (None, "+4915112345678", [])


def test_what_was_left_out_is_noted_with_its_column() -> None:
    (phone,) = read("Ann", "ann@example.org", "12", "").left_out
    assert (phone.row, phone.column, phone.code) == (1, "Telefon", "INVALID_PHONE")
    (email,) = read("Ann", "ann@", "015112345678", "", channels=frozenset({Channel.SMS})).left_out
    assert (email.row, email.column, email.code) == (1, "E-Mail", "INVALID_EMAIL")


def test_nothing_is_noted_about_blanks_and_rows_that_are_not_taken() -> None:
    assert read("Ann", "ann@example.org", "-", "").left_out == []
    assert read("Ann", "ann@", "12", "").left_out == []


@pytest.mark.parametrize("cells", [("Ann", "", "015112345678", ""), ("Ann", "-", "12", ""), ("Ann", "n/a", "-", "")])
def test_an_address_for_another_channel_does_not_count(cells: tuple[str, ...]) -> None:
    assert codes(read(*cells)) == ["MISSING_CONTACT"]


@pytest.mark.parametrize("placeholder", ["-", "--", ".", "0", "n/a", "N/A", "#N/A", "NULL", "none", "k.A.", "#REF!"])
def test_a_placeholder_is_a_blank_in_every_field(placeholder: str) -> None:
    row = read(placeholder, "ann@example.org", placeholder, placeholder, channels=BOTH)
    assert (row.first_name, row.last_name, row.phone, row.service, row.faults) == (None, None, None, None, [])
    assert codes(read("Ann", placeholder, "015112345678", "")) == ["MISSING_CONTACT"]


def test_a_text_is_cleaned() -> None:
    assert read("Ann", "ann@example.org", "", " Cut\u202e and\n colour\x00 ").service == "Cut and colour"


def test_a_name_is_split_as_the_rule_for_names_says() -> None:
    row = read("von Berg, Dr. Ben\u202e", "ben@почта.рф", "", "")
    assert (row.first_name, row.last_name, row.email) == ("Dr. Ben", "von Berg", "ben@xn--80a1acny.xn--p1ai")


def test_a_fault_has_the_files_column_and_value() -> None:
    (fault,) = read("Ann", "ann@", "", "").faults
    assert (fault.column, fault.value) == ("E-Mail", "ann@")


def test_an_unparsable_record_is_only_malformed() -> None:
    assert codes(read("Ann", problem="it has 1 cells where the header has 4")) == ["MALFORMED"]


def test_line_breaks_in_names_become_spaces() -> None:
    assert read("Ann\r\nBcc: evil@example.org", "ann@example.org", "", "").last_name == "Bcc: evil@example.org"


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ([("Mail", ImportField.EMAIL)], "no column"),
        ([("E-Mail", ImportField.EMAIL), ("e-mail ", ImportField.PHONE)], "twice"),
        ([("E-Mail", ImportField.EMAIL), ("Telefon", ImportField.EMAIL)], "Two columns"),
        (
            [("Name", ImportField.FULL_NAME), ("Service", ImportField.LAST_NAME), ("E-Mail", ImportField.EMAIL)],
            "either FULL_NAME",
        ),
        ([("Name", ImportField.FULL_NAME)], "EMAIL or PHONE"),
        ([], "EMAIL or PHONE"),
    ],
)
def test_an_invalid_mapping_is_refused_with_a_reason(mapping: list[tuple[str, ImportField]], words: str) -> None:
    with pytest.raises(InvalidMapping, match=words):
        check(mapping, HEADER)


EMAIL_ONLY, PHONE_ONLY = [("E-Mail", ImportField.EMAIL)], [("Telefon", ImportField.PHONE)]


@pytest.mark.parametrize(
    ("mapping", "channels", "needed"),
    [(PHONE_ONLY, {Channel.EMAIL}, "EMAIL"), (EMAIL_ONLY, {Channel.SMS}, "PHONE")],
)
def test_a_channel_without_a_column_of_addresses_is_refused(
    mapping: list[tuple[str, ImportField]], channels: set[Channel], needed: str
) -> None:
    with pytest.raises(InvalidMapping, match=f"mapped to {needed}; map one"):
        check_channels(mapping, channels, "mapping")


@pytest.mark.parametrize("mapping", [PHONE_ONLY, EMAIL_ONLY, EMAIL_ONLY + PHONE_ONLY])
def test_of_two_channels_one_needs_a_column_of_addresses(mapping: list[tuple[str, ImportField]]) -> None:
    check_channels(mapping, {Channel.EMAIL, Channel.SMS}, "mapping")


def rows(text: str) -> list[ParsedRow]:
    file = CsvFile([f"Name,E-Mail,Telefon,Service\n{text}".encode()])
    reading = Reading(file.header, places(MAPPING, file.header), "DE", frozenset({Channel.EMAIL}))
    return [reading.row(record) for record in file]


@pytest.mark.parametrize(
    "text",
    [
        'Ann,ann@example.org,,"Cut\nBen,ben@example.org,,"\n',
        '"Ann,ann@example.org,,Cut\nBen",ben@example.org,,Cut\n',
        'Ann,"ann@example.org,,Cut\nKim,kim@example.org,,Cut\nBen,ben@example.org",,Cut\n',
        '"Smith, Ann",,,"Cut\nBen,,0151 1234 5678,"\n',
    ],
)
def test_a_stray_quotation_mark_that_would_swallow_records_is_refused(text: str) -> None:
    with pytest.raises(UnreadableFile, match="starts at line 2 and continues to line"):
        rows(text)


@pytest.mark.parametrize(
    "text",
    [
        '"Dr.\nAnn",ann@example.org,,Cut\n',
        'Ann,ann@example.org,,"Cut, colour,\nwash, dry, 12, go"\n',
        'Ann,ann@example.org,,"Cut\nask ann@example.org"\n',
    ],
)
def test_an_intended_multiline_cell_is_accepted(text: str) -> None:
    (row,) = rows(text)
    assert (row.email, row.faults) == ("ann@example.org", [])
