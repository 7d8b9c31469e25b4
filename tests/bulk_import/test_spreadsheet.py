"""Reading spreadsheets: values as people see them, which sheet is read, and workbooks that cannot be read."""

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_import.numbers_in_sheets import date_text, is_date_format, number_text, shown_digits
from bulk_import.reader import ListFile, open_list
from bulk_import.records import LONGEST_CELL, Record
from models.rules.errors import UnreadableFile
from tests.bulk_import.sheets import (
    MAIN,
    ODS_NAMES,
    PACKAGE,
    RELATIONS,
    ods,
    ods_row,
    ods_text,
    packed,
    sheet,
    text_cell,
    text_rows,
    xlsx,
)

HEADER = text_rows([["Name", "Phone", "E-Mail"]])
ODS_HEADER = ods_row(ods_text("Name"), ods_text("Phone"), ods_text("E-Mail"))


def opened(data: bytes) -> ListFile:
    return open_list(data[start : start + 1000] for start in range(0, len(data), 1000))


def cells(data: bytes) -> list[list[str]]:
    return [record.cells for record in opened(data)]


def first(data: bytes) -> list[str]:
    return cells(data)[0]


def test_a_workbook_is_read_as_header_and_records() -> None:
    rows = '<row r="2"><c r="A2" t="s"><v>1</v></c><c r="C2" t="s"><v>0</v></c></row>'
    file = opened(xlsx(HEADER + rows, ["<t>a@example.org</t>", "<r><t>Zoë </t></r><r><t>M</t></r><rPh><t>x</t></rPh>"]))
    assert (file.header, file.encoding, file.delimiter) == (["Name", "Phone", "E-Mail"], "XLSX", "")
    assert list(file) == [Record(1, ["Zoë M", "", "a@example.org"])]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<c><v>4915112345678</v></c>", "4915112345678"),
        ("<c><v>4915112345678.0</v></c>", "4915112345678"),
        ("<c><v>4.915112345678E12</v></c>", "4915112345678"),
        ('<c s="3"><v>15112345678</v></c>', "15112345678"),
        ('<c s="3"><v>1511234567</v></c>', "01511234567"),
        ("<c><v>0.1</v></c>", "0.1"),
        ("<c><v>2.2999999999999998</v></c>", "2.3"),
        ('<c s="6"><v>3.5</v></c>', "3.5"),
        ('<c s="1"><v>46127</v></c>', "2026-04-15"),
        ('<c s="2"><v>46127.0</v></c>', "2026-04-15"),
        ('<c s="4"><v>46127.4375</v></c>', "2026-04-15T10:30:00"),
        ('<c s="5"><v>0.4375</v></c>', "10:30:00"),
        ('<c s="1"><v>1E300</v></c>', "1E300"),
        ('<c t="b"><v>1</v></c>', "TRUE"),
        ('<c t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c t="str"><f>A1&amp;B1</f><v>Ann</v></c>', "Ann"),
        ('<c t="d"><v>2026-04-15T00:00:00Z</v></c>', "2026-04-15"),
        ('<c t="str"><f>A1</f><v></v></c>', ""),
        ('<c t="s"/>', ""),
        ("<c t='inlineStr'><is><t>a_x000D_b_x0000__xD83D_</t></is></c>", "a\rb_x0000__xD83D_"),
    ],
)
def test_cells_of_a_workbook_have_the_value_that_people_see(cell: str, text: str) -> None:
    assert first(xlsx(f"{HEADER}<row>{text_cell('x')}{cell}</row>"))[1] == text


NOTE = "<office:annotation><text:p>a note</text:p></office:annotation>"


@pytest.mark.parametrize(
    ("given", "content", "text"),
    [
        ('value-type="float" office:value="4915112345678"', "<text:p>4,9E+12</text:p>", "4915112345678"),
        ('value-type="float" office:value="15112345678"', "<text:p>015112345678</text:p>", "015112345678"),
        ('value-type="float" office:value="15112345678"', "<text:p>(0151) 123-45678</text:p>", "015112345678"),
        ('value-type="float" office:value="4366412345678"', "<text:p>+4366412345678</text:p>", "+4366412345678"),
        ('value-type="float" office:value="0"', "<text:p>0</text:p>", "0"),
        ('value-type="float" office:value="0.5"', "<text:p>0.5</text:p>", "0.5"),
        ('value-type="currency" office:value="5"', "<text:p>05</text:p>", "5"),
        ('value-type="date" office:date-value="2026-04-15"', "<text:p>15.04.</text:p>", "2026-04-15"),
        ('value-type="date" office:date-value="2026-04-15T00:00:00"', "", "2026-04-15"),
        ('value-type="boolean" office:boolean-value="true"', "", "TRUE"),
        ('value-type="time" office:time-value="PT10H"', "<text:p>10:00</text:p>", "10:00"),
        ('value-type="string"', f'{NOTE}<text:p>a<text:s text:c="2"/><text:span>b</text:span></text:p>', "a  b"),
        ('value-type="string"', "<text:p>a</text:p><text:p>b<text:tab/>c</text:p>", "a\nb\tc"),
    ],
)
def test_cells_of_an_opendocument_sheet_have_the_value_that_people_see(given: str, content: str, text: str) -> None:
    cell = f"<table:table-cell office:{given}>{content}</table:table-cell>"
    assert first(ods(ODS_HEADER + ods_row(ods_text("x"), cell)))[1] == text


def test_an_opendocument_sheet_is_read_with_its_repetitions() -> None:
    rows = [
        ods_row(ods_text("", 16384), repeated=2),
        ODS_HEADER,
        ods_row(ods_text("Ann", 2), ods_text("", 16382)),
        ods_row(ods_text("", 2), ods_text("b@example.org"), repeated=2),
        ods_row(ods_text("", 16384), repeated=1_048_570),
    ]
    file = opened(ods("".join(rows)))
    assert (file.header, file.encoding, file.delimiter) == (["Name", "Phone", "E-Mail"], "ODS", "")
    found = [(record.number, record.cells) for record in file]
    assert found == [(1, ["Ann", "Ann", ""]), (2, ["", "", "b@example.org"]), (3, ["", "", "b@example.org"])]


@given(rows=st.lists(st.lists(st.text("abcü@0 ,;\n", max_size=8), min_size=3, max_size=3), max_size=6))
def test_written_sheets_are_read_back(rows: list[list[str]]) -> None:
    expected = [row for row in rows if any(cell.strip() for cell in row)]
    assert cells(xlsx(HEADER + text_rows(rows))) == expected


def test_empty_rows_before_and_between_records_are_skipped() -> None:
    far = '<row r="1048576"><c r="A1048576" t="str"><v>Ann</v></c></row>'
    rows = f'<row r="1"/><row r="2"><c r="A2" s="1"/></row>{HEADER}<row>{text_cell(" ")}</row>{far}'
    assert [(record.number, record.cells) for record in opened(xlsx(rows))] == [(1, ["Ann", "", ""])]


def test_cells_beyond_the_header_are_a_problem_unless_they_are_empty() -> None:
    blank, filled, far = '<c r="D2" t="str"><v> </v></c>', '<c r="D3" t="str"><v>x</v></c>', '<c r="XFD4"><v>1</v></c>'
    rows = "".join(f"<row>{text_cell('Ann')}{cell}</row>" for cell in (blank, filled, far))
    assert [record.problem is None for record in opened(xlsx(HEADER + rows))] == [True, False, False]


def workbook(*sheets: tuple[str, str], head: str = "") -> bytes:
    """A workbook with these sheets, each its attributes and the name in its only cell."""
    listed = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="r{n}" {given}/>' for n, (given, _) in enumerate(sheets))
    targets = "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONS}/worksheet" Target="/xl/worksheets/s{n}.xml"/>'
        for n in range(len(sheets))
    )
    files: dict[str, str | bytes] = {
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{RELATIONS}">{head}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{targets}</Relationships>',
        "xl/styles.xml": '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        "xl/vbaProject.bin": b"macro",
    }
    for number, (_, name) in enumerate(sheets):
        files[f"xl\\Worksheets\\S{number}.xml"] = sheet(text_rows([[name]]) + '<row><c s="1"><v>1</v></c></row>')
    return packed(files)


def test_the_first_visible_sheet_is_read_and_macros_are_ignored() -> None:
    assert opened(workbook(('state="hidden"', "a"), ("", "b"), ("", "c"))).header == ["b"]
    assert opened(workbook(('state="veryHidden"', "a"))).header == ["a"]


COVER = [["Customers"], ["By:", "Susi"], ["Asked:", "info@salon.example"]]
LIST = [["Name", "E-Mail"], ["Ann", "a@example.org"]]
OTHER = [["Who", "Where"], ["Ben", "b@example.org"], ["Cora", "c@example.org"]]


def many_sheets(*sheets: list[list[str]]) -> list[bytes]:
    """The same sheets as a workbook and as an OpenDocument spreadsheet, whose third sheet is hidden."""
    excel: dict[str, str | bytes] = {
        f"xl\\Worksheets\\S{number}.xml": sheet(text_rows(rows)) for number, rows in enumerate(sheets)
    }
    given = [('state="hidden"' if number == 2 else "", "") for number in range(len(sheets))]
    tables = [
        f'<table:table table:style-name="s{number == 2:d}">{"".join(ods_row(*map(ods_text, row)) for row in rows)}</table:table>'
        for number, rows in enumerate(sheets)
    ]
    styles = "".join(
        f'<style:style style:name="s{number}"><style:table-properties table:display="{display}"/></style:style>'
        for number, display in enumerate(["true", "false"])
    )
    style = 'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    content = f"<office:document {ODS_NAMES} {style}>{styles}{''.join(tables)}</office:document>"
    return [repacked(workbook(*given), excel), packed({"content.xml": content})]


def repacked(data: bytes, files: dict[str, str | bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        kept: dict[str, str | bytes] = {name.filename: archive.read(name) for name in archive.infolist()}
    return packed(kept | files)


@pytest.mark.parametrize(
    ("sheets", "expected"),
    [
        ([[], LIST], LIST),
        ([COVER, LIST, OTHER], LIST),
        ([COVER, [], OTHER, LIST], LIST),
        ([LIST, OTHER], LIST),
        ([OTHER, LIST], OTHER),
        ([COVER, [["Name"]]], COVER),
        ([[["Title"], *LIST], OTHER], LIST),
        ([[["Who", "Nothing"]], [["Name", "Phone"]]], [["Name", "Phone"]]),
    ],
)
def test_the_first_visible_sheet_with_a_list_is_read(sheets: list[list[list[str]]], expected: list[list[str]]) -> None:
    for data in many_sheets(*sheets):
        if expected is COVER:
            assert opened(data).header == ["Customers"]
        else:
            assert [opened(data).header, *cells(data)] == expected


def test_mapped_columns_of_the_first_sheet_are_found_there() -> None:
    for data in many_sheets([["Who", "Nothing"], ["Ben", "x"]], LIST):
        assert open_list([data], ["who"]).header == ["Who", "Nothing"]


def test_dates_count_from_1904_where_the_workbook_says_so() -> None:
    assert cells(workbook(("", "a"), head='<workbookPr date1904="1"/>')) == [["1904-01-02"]]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("dd/mm/yyyy", True),
        ("[h]:mm", True),
        ("General", False),
        ('0.00 "days"', False),
        ("[Red]0", False),
        (r"0\d", False),
    ],
)
def test_formats_of_dates_are_told_from_those_of_numbers(code: str, expected: bool) -> None:
    assert is_date_format(code) is expected


@pytest.mark.parametrize(
    ("code", "number", "text"),
    [
        ("+0", "4366412345678", "+4366412345678"),
        ('"+"#', "4366412345678", "+4366412345678"),
        (r"\+0;-0;;@", "4366412345678", "+4366412345678"),
        ('"+"00" "000" "0000000', "436641234567", "+436641234567"),
        ('"0"0', "15112345678", "015112345678"),
        ("0#", "15112345678", "15112345678"),
        ("[$-407]00000000000", "1511234567", "01511234567"),
        ("[Red]00000000000;@", "1511234567", "01511234567"),
        (r"\(0000\)\ 000-0000", "301234567", "00301234567"),
        ('"Tel. "0000"/"0000000', "1511234567", "01511234567"),
        ('"00"0', "436641234567", "00436641234567"),
        ("+0", "-5", "-5"),
        ("+0", "0", "0"),
        ("0.00", "4366412345678", "4366412345678"),
        ("#,##0", "4366412345678", "4366412345678"),
        ("00%", "5", "5"),
        ("00.0E+00", "4366412345678", "4366412345678"),
        ("[$€-407]00", "5", "5"),
        ("[<=9999999]###0000;(000) 000-0000", "5", "5"),
        ("# ?/?", "5", "5"),
        ('"+"', "5", "5"),
        ("0" * 40, "5", "5"),
    ],
)
def test_a_number_has_the_zeros_and_the_plus_sign_that_its_format_shows(code: str, number: str, text: str) -> None:
    assert number_text(number, *shown_digits(code)) == text


@given(st.text() | st.text('0#?+;"\\\\[]$-.,%E_*@ ', max_size=20))
def test_any_text_can_be_a_format(code: str) -> None:
    before, digits = shown_digits(code)
    assert set(before) <= set("+0123456789")
    assert digits <= 30


def test_a_formula_without_its_result_is_refused_rather_than_taken_for_an_empty_cell() -> None:
    calculated = '<row r="2"><c r="A2" t="str"><f>B2</f><v>Ann</v></c></row>'
    later = '<row r="3"><c r="A3"><v>1</v></c><c r="C3"><f>HYPERLINK("mailto:a@example.org")</f></c></row>'
    with pytest.raises(UnreadableFile, match="Cell C3 has a formula without its result"):
        cells(xlsx(HEADER + calculated + later))
    with pytest.raises(UnreadableFile, match="A cell has a formula without its result"):
        cells(ods(ODS_HEADER + ods_row('<table:table-cell table:formula="of:=[.A1]"/>')))


@given(st.text(max_size=20) | st.floats().map(repr))
def test_any_text_can_be_a_number_or_a_date(written: str) -> None:
    assert len(number_text(written, "+", 11)) <= 60
    assert date_text(written) is not None


TITLE = "<!DOCTYPE x [" + '<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + "]>"  # fmt: skip


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (xlsx(""), "first sheet is empty"),
        (ods(""), "first sheet is empty"),
        (xlsx(text_rows([["ann@example.org"]])), "column names"),
        (xlsx(text_rows([["Name", "name "]])), "Two columns"),
        (xlsx('<row><c r="XFD1"><v>1</v></c></row>'), "16384 columns"),
        (ods(ods_row(ods_text("a", 16384))), "201 columns"),
        (xlsx("<row><c><v>1"), "XML is not valid"),
        (xlsx(HEADER + '<row><c t="s"><v>99</v></c></row>'), "a text that is not in the file"),
        (xlsx(HEADER + '<row><c t="s"><v>-1</v></c></row>'), "a text that is not in the file"),
        (xlsx(HEADER)[:-30], "not a complete ZIP"),
        (xlsx(HEADER)[:200] + b"\x00" * 50 + xlsx(HEADER)[250:], "cannot be"),
        (packed({"a.txt": "x"}), "a ZIP archive"),
        (packed({"word/document.xml": "x"}), "a Word document"),
        (packed({"xl/workbook.bin": "x"}), "XLSB"),
        (ods(ODS_HEADER, **{"META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"}), "it has a password"),
        (packed({"xl/workbook.xml": "<workbook/>"}), "has no xl/_rels"),
        (b"%PDF-1.7 named list.xlsx", "a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "XLS"),
        (xlsx(HEADER, **{"xl/worksheets/sheet1.xml": TITLE + sheet(HEADER + "&j;")}), "document type declaration"),
        (xlsx(HEADER, **{"xl/worksheets/sheet1.xml": "<a>" * 200}), "nested too deeply"),
        (xlsx("<!--" + "x" * 1_500_000 + "-->" + HEADER), "not that of a spreadsheet"),
        (xlsx("".join(f"<x{n}/>" for n in range(20_000))), "not that of a spreadsheet"),
        (xlsx(HEADER + "<row/>" * 2_000_000), "too large when unpacked"),
        (packed({f"{n}": b"" for n in range(10_001)}), "too many files"),
    ],
)
def test_a_spreadsheet_that_cannot_be_read_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        cells(data)


def test_a_cell_that_is_too_long_is_malformed() -> None:
    long, short = opened(xlsx(HEADER + text_rows([["x" * (LONGEST_CELL + 5)], ["Ann"]])))
    assert (long.cells, short.cells) == ([], ["Ann", "", ""])
    assert "more than 100,000 characters" in (long.problem or "")


WHOLE = [
    xlsx(HEADER + '<row><c t="s"><v>0</v></c><c s="1"><v>46127</v></c></row>', ["<t>Ann</t>"]),
    ods(ODS_HEADER + ods_row(ods_text("Ann"))),
]


@given(
    data=st.sampled_from(WHOLE),
    changes=st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 255)), min_size=1, max_size=4),
    cut=st.integers(0, 3),
)
def test_a_damaged_spreadsheet_is_read_or_refused_in_words(
    data: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    damaged = bytearray(data)
    for place, byte in changes:
        damaged[place % len(data)] = byte
    with suppress(UnreadableFile):
        cells(bytes(damaged[: len(damaged) - cut]))
