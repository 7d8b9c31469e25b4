"""What a preview says about files that can be read, but hardly be imported."""

import pytest

from bulk_import.preview import preview
from tests.bulk_import.sheets import text_rows, xlsx

NO_ROWS = "The file has no rows below its header; add customers and upload it again."


def messages(data: str | bytes) -> list[str]:
    return [one.message for one in preview([data.encode() if isinstance(data, str) else data]).warnings]


@pytest.mark.parametrize("text", ["Name;E-Mail", "Name;E-Mail\n", "Name;E-Mail\n;\n\n"])
def test_a_header_without_rows_is_told(text: str) -> None:
    assert messages(text) == [NO_ROWS]


ONE = "The first row, “{}”, is taken for a title and skipped; the next one names the columns."
TWO = "The first 2 rows, from “{}” on, are taken for a title and skipped; the next one names the columns."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Customers 2026\nName,E-Mail\nAnn,ann@example.org\n", ONE.format("Customers 2026")),
        ("Customers 2026\nName;E-Mail\nAnn;ann@example.org\n", ONE.format("Customers 2026")),
        (
            "Kunden 2026;;\n\nas of May;;\nVorname;Nachname;Telefon\nAnn;Lee;0151 12345678\n",
            TWO.format("Kunden 2026"),
        ),
        ("Customers\tMay\nE-Mail\tFirst name\nann@example.org\tAnn\n", ONE.format("Customers")),
    ],
)
def test_a_title_that_is_skipped_is_told(text: str, told: str) -> None:
    assert messages(text) == [told]


def test_a_title_in_a_spreadsheet_that_is_skipped_is_told() -> None:
    rows = [["Customers 2026"], ["Name", "E-Mail"], ["Ann", "ann@example.org"]]
    assert messages(xlsx(text_rows(rows))) == [ONE.format("Customers 2026")]


def test_a_title_without_rows_is_told_too() -> None:
    assert messages("Customers 2026\nName;E-Mail\n") == [ONE.format("Customers 2026"), NO_ROWS]


@pytest.mark.parametrize(
    "text",
    [
        "Name;E-Mail\nAnn;ann@example.org\n",
        "Name;E-Mail\nName;E-Mail\nAnn;ann@example.org\n",
        "Contact;Means\nAnn;phone\nBen;e-mail\n",
        "Contact;Means\nname: E-Mail;ann@example.org\n",
        "Contact\n" + "x\n" * 20 + "Name;E-Mail\nAnn;ann@example.org\n",
    ],
)
def test_nothing_is_said_about_other_lists(text: str) -> None:
    assert messages(text) == []
