"""What a preview says about files that can be read, but hardly be imported."""

import pytest

from bulk_import.preview import preview
from tests.bulk_import.sheets import text_rows, xlsx

BELOW = "The header seems to be further down: “{}”. Delete the rows above it, then upload the file again."


def messages(data: str | bytes) -> list[str]:
    return [one.message for one in preview([data.encode() if isinstance(data, str) else data]).warnings]


@pytest.mark.parametrize("text", ["Name;E-Mail", "Name;E-Mail\n", "Name;E-Mail\n;\n\n"])
def test_a_header_without_rows_is_told(text: str) -> None:
    assert messages(text) == ["The file has no rows below its header; add customers and upload it again."]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Customers 2026\nName,E-Mail\nAnn,ann@example.org\n", "Name, E-Mail"),
        ("Customers 2026\nName;E-Mail\nAnn;ann@example.org\n", "Name, E-Mail"),
        (
            "Kunden 2026;;\n\nas of May;;\nVorname;Nachname;Telefon\nAnn;Lee;0151 12345678\n",
            "Vorname, Nachname, Telefon",
        ),
        ("Customers\tMay\nE-Mail\tFirst name\nann@example.org\tAnn\n", "E-Mail, First name"),
    ],
)
def test_a_title_above_the_header_is_told(text: str, names: str) -> None:
    assert messages(text) == [BELOW.format(names)]


def test_a_title_above_the_header_of_a_spreadsheet_is_told() -> None:
    rows = [["Customers 2026"], ["Name", "E-Mail"], ["Ann", "ann@example.org"]]
    assert messages(xlsx(text_rows(rows))) == [BELOW.format("Name, E-Mail")]


@pytest.mark.parametrize(
    "text",
    [
        "Name;E-Mail\nAnn;ann@example.org\n",
        "Name;E-Mail\nName;E-Mail\nAnn;ann@example.org\n",
        "Contact;Means\nAnn;phone\nBen;e-mail\n",
        "Contact;Means\nname: E-Mail;ann@example.org\n",
        "Contact\n" + "x\n" * 10 + "Name;E-Mail\n",
    ],
)
def test_nothing_is_said_about_other_lists(text: str) -> None:
    assert messages(text) == []
