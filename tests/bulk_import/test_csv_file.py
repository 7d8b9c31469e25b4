"""Reading CSV files: records, their cells, quotation marks, and files that cannot be read."""

import csv
import io
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_import.csv_file import CsvFile
from bulk_import.lines import LONGEST_LINE
from bulk_import.reader import open_list
from bulk_import.records import LONGEST_CELL, Record
from models.rules.errors import UnreadableFile

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


def pieces(data: bytes, size: int = 7) -> Iterator[bytes]:
    """Splits the data anywhere, even within a character."""
    return (data[start : start + size] for start in range(0, len(data), size))


def records(text: str | bytes) -> list[Record]:
    return list(CsvFile(pieces(text if isinstance(text, bytes) else text.encode())))


def has_content(row: list[str]) -> bool:
    return any(cell.strip().strip("\x1a") for cell in row)


@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    size=st.integers(1, 50),
)
def test_written_files_are_read_back_however_they_are_split(
    rows: list[list[str]], delimiter: str, end: str, bom: bool, size: int
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["Name", "Mail", "Note"], *rows])
    data = (b"\xef\xbb\xbf" if bom else b"") + text.getvalue().encode()
    file = CsvFile(pieces(data, size))
    assert file.header == ["Name", "Mail", "Note"]
    assert [(record.number, record.cells, record.problem) for record in file] == [
        (number, row, None) for number, row in enumerate(filter(has_content, rows), 1)
    ]


@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_quoting_only_where_necessary_is_read_back_too(rows: list[list[str]], delimiter: str, quoting: int) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type] # one of csv's constants
    writer.writerows([["Name", "Mail", "Note"], *rows])
    assert [record.cells for record in records(text.getvalue())] == list(filter(has_content, rows))


@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    with suppress(UnreadableFile):
        for record in open_list(pieces(data)):
            assert "\x00" not in "".join(record.cells)


def test_a_file_can_have_one_column() -> None:
    assert [record.cells for record in records("E-Mail\nann@example.org\n")] == [["ann@example.org"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_ending_and_a_missing_last_one_are_read(end: str) -> None:
    assert [record.cells for record in records(end.join(["a,b", "1,2", "3,4"]))] == [["1", "2"], ["3", "4"]]


def test_blank_lines_are_skipped() -> None:
    assert [(record.number, record.cells) for record in records("a,b\n\n1,2\n\n\n3,4\n")] == [
        (1, ["1", "2"]),
        (2, ["3", "4"]),
    ]


@pytest.mark.parametrize("line", ["1,2,3", '"1" x,2', "1,\x002", f"1,{'x' * (LONGEST_CELL + 1)}"])
def test_a_malformed_record_is_reported_and_the_next_one_is_read(line: str) -> None:
    broken, valid = records(f"a,b\n{line}\n3,4\n")
    assert broken.problem is not None
    assert (valid.number, valid.cells, valid.problem) == (2, ["3", "4"], None)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n;;;\n,,\n", "header"),
        (b"\n,,\n \n", "empty"),
        (b"Na\x00me,E-Mail\n", "NUL bytes"),
        (b"ann@example.org,Ann\nben@example.org,Ben\n", "header"),
        (b"Mail,mail \n1,2\n", "Two columns"),
        (b'a,b\n1,"open\n' + b"x,y\n" * 40_000, "quotation mark"),
        (b'a,b\n1,"open\n2,3\n', "quotation mark"),
        (b'a,b\n"\n' + b"x" * (LONGEST_CELL + 1) + b'",2\n', "a cell has more than 100,000"),
        (b"a,b\n" + b"x" * (LONGEST_LINE + 10), "more than"),
        (b"a,b\n" + (b'"' + b"x" * 100 + b'\n",') * 12_000, "line 2 and continues .* 1,000,000 characters"),
        (b",".join(b"c%d" % number for number in range(300)) + b"\n", "300 columns"),
    ],
)
def test_an_unreadable_file_is_refused_with_an_explanation(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        list(CsvFile(pieces(data, 4096)))


CLOSED_BY = ['Kim,"k@example.org"', 'Kim,k@example.org,"', '"', "Kim,5"]
"""Lines that may end an open quotation mark: a quoted cell, a stray quotation mark, or none."""


@pytest.mark.parametrize("last", CLOSED_BY)
@pytest.mark.parametrize("declaration", ["", "sep=,\n"])
def test_an_open_quotation_mark_is_reported_with_its_line(last: str, declaration: str) -> None:
    people = [f"Person {number},p{number}@example.org" for number in range(3000)]
    people[1] = f'"{people[1]}'
    with pytest.raises(UnreadableFile) as refused:
        records(declaration + "\n".join(["Name,Mail", *people[:900], last, *people[900:]]))
    assert f"starts at line {4 if declaration else 3} " in refused.value.message
    assert "double it or remove it" in refused.value.message


@pytest.mark.parametrize(
    "line",
    [
        '"Berg, Ben", "b@example.org",x',
        '  "Berg, Ben"  ,\t"b@example.org"\t,x',
        '"Berg, Ben" ,b@example.org, "x" ',
        '"Berg, Ben","b@example.org" ,x',
    ],
)
def test_blanks_around_quotation_marks_are_skipped(line: str) -> None:
    (record,) = records(f"a,b,c\n{line}\n")
    assert record.cells == ["Berg, Ben", "b@example.org", "x"]


def test_blanks_within_quotation_marks_are_kept() -> None:
    quoted, multiline = records('a,b\n" ""x"" , "" ","2 , ""3"" ,"\n"4 \n "" ,5" , "6"\n')
    assert quoted.cells == [' "x" , " ', '2 , "3" ,']
    assert multiline.cells == ['4 \n " ,5', "6"]


def test_tabs_between_quotation_marks_separate_cells_of_a_tab_separated_file() -> None:
    (record,) = records('a\tb\tc\n"1"\t\t"3"\n')
    assert record.cells == ["1", "", "3"]


@pytest.mark.parametrize(
    ("line", "cells"), [("1,2", ["1", "2", ""]), ("1", ["1", "", ""]), ("1,2,3,,\t, ", ["1", "2", "3"])]
)
def test_missing_and_surplus_cells_at_the_end_are_empty(line: str, cells: list[str]) -> None:
    (record,) = records(f"a,b,c\n{line}\n")
    assert (record.cells, record.problem) == (cells, None)


@pytest.mark.parametrize("empty", [",,", " , \t,", ",", '"",""', "\x1a"])
def test_records_without_content_are_neither_counted_nor_numbered(empty: str) -> None:
    found = [(record.number, record.cells) for record in records(f"{empty}\na,b,c\n{empty}\n1,2,3\n{empty}\n4,5,6\n")]
    assert found == [(1, ["1", "2", "3"]), (2, ["4", "5", "6"])]


@pytest.mark.parametrize("end", ["\n\x1a", "\x1a", "\n\x1a\x1a\x1a"])
def test_a_final_ctrl_z_is_not_part_of_the_file(end: str) -> None:
    assert [record.cells for record in records(f"a,b\n1,2{end}")] == [["1", "2"]]


def test_a_multiline_cell_can_be_followed_by_missing_ones() -> None:
    (record,) = records('a,b,c\n"Dr.\nAnn",a@example.org\n')
    assert record.cells == ["Dr.\nAnn", "a@example.org", ""]


def test_missing_cells_beside_a_swallowed_record_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="line 2 and continues to line 3"):
        records('a,b,c\n1,"2\n3,4"\n')


@pytest.mark.parametrize("surplus", [("", ""), (",", ","), ("", ","), (",,", "")])
def test_empty_surplus_cells_do_not_hide_a_swallowed_record(surplus: tuple[str, str]) -> None:
    (record,) = records(f'a,b\n1,"2{surplus[0]}\n3,4"{surplus[1]}\n')
    assert record.lines is not None
    assert record.lines.several == [["1", "2"], ["3", "4"]]


def test_multiline_cells_are_part_of_one_record() -> None:
    first, second = records('a,b\n"1\n\n,2 ""x""",3\n4,5\n')
    assert (first.number, first.cells, first.problem) == (1, ['1\n\n,2 "x"', "3"], None)
    assert (second.number, second.cells) == (2, ["4", "5"])


def test_a_multiline_record_includes_the_records_it_would_be_without_quotation_marks() -> None:
    stray, intended = records('a,b,c\n"Smith, Ann","1,2\n3,4,5\n6,7",8\n8,"9,\n10",11\n')
    assert stray.lines is not None
    assert (stray.lines.first, stray.lines.last) == (2, 4)
    assert stray.lines.several == [["Smith, Ann", "1", "2"], ["3", "4", "5"], ["6", "7", "8"]]
    assert intended.lines is not None
    assert (intended.lines.first, intended.lines.last, intended.lines.several) == (5, 6, [])


def test_a_very_long_cell_does_not_hide_the_delimiter() -> None:
    file = CsvFile(pieces(f"Name;Mail\nAnn;a@example.org\n{'x,' * LONGEST_CELL};b\nBen;b@example.org\n".encode(), 4096))
    assert file.header == ["Name", "Mail"]
    assert [record.cells[:1] for record in file] == [["Ann"], [], ["Ben"]]
