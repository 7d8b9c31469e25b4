"""Reading CSV files: every common format, and files that cannot be read."""

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_import.reader import LONGEST_CELL, LONGEST_LINE, CsvFile, Record
from models.rules.errors import UnreadableFile

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


def pieces(data: bytes, size: int = 7) -> Iterator[bytes]:
    """Splits the data anywhere, even within a character."""
    return (data[start : start + size] for start in range(0, len(data), size))


def records(text: str | bytes) -> list[Record]:
    return list(CsvFile(pieces(text if isinstance(text, bytes) else text.encode())))


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
        (number, row, None) for number, row in enumerate(rows, 1)
    ]


@pytest.mark.parametrize("delimiter", ",;\t|")
def test_the_delimiter_is_detected(delimiter: str) -> None:
    file = CsvFile([f"a{delimiter}b\n1, 2; 3{delimiter}x\n".encode()])
    assert file.delimiter == delimiter


def test_a_declared_delimiter_is_used() -> None:
    assert CsvFile([b"sep=|\na|b\n1;2;3|4;5;6\n"]).header == ["a", "b"]


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


@pytest.mark.parametrize("line", ["1", "1,2,3", '"1" x,2', "1,\x002", f"1,{'x' * (LONGEST_CELL + 1)}"])
def test_a_malformed_record_is_reported_and_the_next_one_is_read(line: str) -> None:
    broken, valid = records(f"a,b\n{line}\n3,4\n")
    assert broken.problem is not None
    assert (valid.number, valid.cells, valid.problem) == (2, ["3", "4"], None)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        ("Name;E-Mail\nJürgen;j@example.org\n".encode("cp1252"), "not UTF-8"),
        ("Name;E-Mail\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04\x14\x00\xff\xfe", "spreadsheet"),
        (b"ann@example.org,Ann\nben@example.org,Ben\n", "header"),
        (b"Mail,mail \n1,2\n", "Two columns"),
        (b'a,b\n1,"open\n' + b"x,y\n" * 40_000, "quotation mark"),
        (b'a,b\n1,"open\n2,3\n', "quotation mark"),
        (b'a,b\n"\n' + b"x" * (LONGEST_CELL + 1) + b'",2\n', "a cell has more than 100,000"),
        (b"a,b\n" + b"x" * (LONGEST_LINE + 10), "more than"),
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
