"""Files as people send them: every way of writing a table, and every way of not writing one."""

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_import.reader import LONGEST_CELL, LONGEST_LINE, CsvFile, Record
from models.errors import UnreadableFile

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


def pieces(data: bytes, size: int = 7) -> Iterator[bytes]:
    """Cut anywhere, also within a letter."""
    return (data[start : start + size] for start in range(0, len(data), size))


def records(text: str | bytes) -> list[Record]:
    return list(CsvFile(pieces(text if isinstance(text, bytes) else text.encode())))


@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.booleans(),
    size=st.integers(1, 50),
)
def test_what_was_written_is_read_back_however_the_pieces_are_cut(
    rows: list[list[str]], delimiter: str, end: str, mark: bool, size: int
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["Name", "Mail", "Note"], *rows])
    data = (b"\xef\xbb\xbf" if mark else b"") + text.getvalue().encode()
    file = CsvFile(pieces(data, size))
    assert file.header == ["Name", "Mail", "Note"]
    assert [(record.number, record.cells, record.problem) for record in file] == [
        (number, row, None) for number, row in enumerate(rows, 1)
    ]


@pytest.mark.parametrize("delimiter", ",;\t|")
def test_the_delimiter_is_found(delimiter: str) -> None:
    file = CsvFile([f"a{delimiter}b\n1, 2; 3{delimiter}x\n".encode()])
    assert file.delimiter == delimiter


def test_a_told_delimiter_counts() -> None:
    assert CsvFile([b"sep=|\na|b\n1;2;3|4;5;6\n"]).header == ["a", "b"]


def test_one_column_is_a_table_too() -> None:
    assert [record.cells for record in records("E-Mail\nann@example.org\n")] == [["ann@example.org"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_ending_and_a_missing_last_one_are_read(end: str) -> None:
    assert [record.cells for record in records(end.join(["a,b", "1,2", "3,4"]))] == [["1", "2"], ["3", "4"]]


def test_blank_lines_are_no_records() -> None:
    assert [(record.number, record.cells) for record in records("a,b\n\n1,2\n\n\n3,4\n")] == [
        (1, ["1", "2"]),
        (2, ["3", "4"]),
    ]


@pytest.mark.parametrize("line", ["1", "1,2,3", '"1" x,2', "1,\x002"])
def test_a_broken_record_is_told_and_the_next_one_is_read(line: str) -> None:
    broken, whole = records(f"a,b\n{line}\n3,4\n")
    assert broken.problem is not None
    assert (whole.number, whole.cells, whole.problem) == (2, ["3", "4"], None)


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
        (b'a,b\n"' + b"x" * (LONGEST_CELL + 1) + b'",2\n', "quotation mark"),
        (b"a,b\n" + b"x" * (LONGEST_LINE + 10), "more than"),
        (b",".join(b"c%d" % number for number in range(300)) + b"\n", "300 columns"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        list(CsvFile(pieces(data, 4096)))
