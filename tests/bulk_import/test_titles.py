"""Titles above a list: which lines are skipped, and which are the header or people."""

import pytest

from bulk_import.reader import open_list
from tests.bulk_import.sheets import ods, ods_row, ods_text, text_rows, xlsx

HEADER, ANN = ["Name", "E-Mail", "Telefon"], ["Ann", "a@example.org", "0151 12345678"]
TITLES = [
    [["Customers of March"]],
    [["Customers of March", "", ""], ["Exported on 01.02.2026", "", ""], ["By", "Susi", ""]],
    [["Salon Susi, info@salon.example, 030 1234567"]],
    [["E-mail addresses of our customers"]],
    [["Contact", "", "Address"]],
    [["Column1", "Column2", "Column3"]],
]


def read(data: bytes, columns: tuple[str, ...] = ()) -> tuple[list[str], list[list[str]], list[int]]:
    file = open_list([data], columns)
    records = list(file)
    return file.header, [record.cells for record in records], [record.number for record in records]


def lines(*records: list[str], mark: str = ";") -> bytes:
    return "".join(f"{mark.join(record)}\n" for record in records).encode()


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_a_title_above_the_header_of_a_csv_file_is_skipped(title: list[list[str]], mark: str) -> None:
    assert read(lines(*title, [""], HEADER, ANN, mark=mark)) == (HEADER, [ANN], [1])


@pytest.mark.parametrize("title", TITLES)
def test_a_title_above_the_header_of_a_spreadsheet_is_skipped(title: list[list[str]]) -> None:
    rows = [*title, [], HEADER, ANN]
    assert read(xlsx(text_rows(rows))) == (HEADER, [ANN], [1])
    assert read(ods("".join(ods_row(*map(ods_text, row)) for row in rows))) == (HEADER, [ANN], [1])


@pytest.mark.parametrize(
    "records",
    [
        [["Who", "How", "Note"], ["Ann", "a@example.org", "x"], ["", "Name", "E-Mail"]],
        [["Who", "Number", "Note"], ["Ann", "0151 12345678", "x"], ["", "Mail", "Phone"]],
        [["Who", "Reach", "Note"], ["Ann", "E-Mail", "x"]],
        [["E-Mail", "x"], ["Name", "E-Mail", "Phone"]],
        [["Who", "Note"], *[["Ann", "x"]] * 20, ["Name", "E-Mail"]],
    ],
)
def test_people_and_a_header_of_other_names_are_no_title(records: list[list[str]]) -> None:
    header, found, _ = read(lines(*records))
    assert (header, len(found)) == (records[0], len(records) - 1)


def test_a_first_record_with_the_mapped_columns_is_the_header() -> None:
    data = lines(["Column1", "Column2"], ["Name", "E-Mail"], ["Ann", "a@example.org"])
    assert read(data, ("Column1", "Column2"))[0] == ["Column1", "Column2"]
    assert read(data, ("Name", "E-Mail"))[0] == ["Name", "E-Mail"]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_names_of_rows_that_r_writes_have_no_column(mark: str) -> None:
    data = lines(["Name", "E-Mail"], ["1", "Ann", "a@example.org"], ["2", "Ben", "b@example.org"], mark=mark)
    assert read(data) == (
        ["", "Name", "E-Mail"],
        [["1", "Ann", "a@example.org"], ["2", "Ben", "b@example.org"]],
        [1, 2],
    )


def test_a_cell_more_than_the_header_that_is_no_number_of_the_row_is_a_problem() -> None:
    for first in (["Ann", "x", "a@example.org"], ["7", "Ann", "a@example.org"]):
        assert read(lines(["Name", "E-Mail"], first)) == (["Name", "E-Mail"], [first], [1])
        assert read(lines(["Name", "E-Mail"], ["1", "Ann", "a@example.org"], ["Ben", "b@example.org"]))[0] == [
            "Name",
            "E-Mail",
        ]
