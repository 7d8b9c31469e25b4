"""The delimiter is chosen from the header, never from the records."""

import pytest

from bulk_import.csv_file import CsvFile


def delimiter(text: str, *columns: str) -> str:
    return CsvFile([text.encode()], columns).delimiter


@pytest.mark.parametrize("mark", ",;\t|")
def test_the_delimiter_is_detected(mark: str) -> None:
    assert delimiter(f"a{mark}b\n1, 2; 3{mark}x\n") == mark


@pytest.mark.parametrize(
    "text",
    [
        "Date;E-Mail;Name;Status;\nApril 15, 2026;e@example.org;Ben;paid;\nApril 14, 2026;f@example.org;Cora\n",
        "Nachname, Vorname;E-Mail\nBerg, Ben;d@example.org\n",
        "Name;E-Mail\nBen;b@example.org\nTotal: 2, as of today\n",
        "Name;E-Mail\nBen;b@example.org;a,b,c;d\nCora;c@example.org;a,b,c;d\n",
        "Name, first;Name, last;E-Mail\n",
        '"Name";"E-Mail; private"\n1,2,3,4;5\n',
        "\n;;\nName;E-Mail\n",
    ],
)
@pytest.mark.parametrize("columns", [("E-Mail",), ()])
def test_the_records_and_commas_in_names_do_not_count(text: str, columns: tuple[str, ...]) -> None:
    assert delimiter(text, *columns) == ";"


def test_mapped_columns_count_more_than_plausible_ones() -> None:
    text = "a|b|c|d;e-mail\n"
    assert (delimiter(text), delimiter(text, "E-Mail", "a|b|c|d")) == ("|", ";")


def test_a_header_over_several_lines_counts_as_a_whole() -> None:
    assert delimiter('"Name\nof, the, customer";E-Mail\n', "Name of, the, customer") == ";"


@pytest.mark.parametrize("first", ["sep=|", "SEP=|\r", '"sep=|"'])
def test_a_declared_delimiter_is_used(first: str) -> None:
    assert CsvFile([f"{first}\na;1|b;2\n1;2;3|4;5;6\n".encode()], ["a", "1|b"]).header == ["a;1", "b;2"]


def test_a_column_called_sep_is_no_declaration() -> None:
    assert CsvFile([b"sep=x,E-Mail\n"]).header == ["sep=x", "E-Mail"]
