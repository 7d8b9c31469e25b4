"""Columns' names are compared as people see them."""

import pytest

from bulk_import.header import clean_header
from bulk_import.mapping import check, places
from bulk_import.reader import open_list
from models.rules.enums import ImportField
from models.rules.errors import InvalidMapping, UnreadableFile
from tests.bulk_import.sheets import text_rows, xlsx

ALIKE = [
    "Prénom du client",
    "\ufeffPrénom du client",
    "Pre\u0301nom du client",
    "PRÉNOM DU CLIENT",
    "Prénom\u200b du client\u200d",
    "  Prénom  du\u00a0client ",
    "Prénom\ndu\tclient",
    "Pré\u00adnom du client",
]


@pytest.mark.parametrize("column", ALIKE)
@pytest.mark.parametrize("name", ALIKE)
def test_names_that_look_alike_are_equal(name: str, column: str) -> None:
    header, mapping = ["E-Mail", name], [(column, ImportField.FIRST_NAME), ("e-mail", ImportField.EMAIL)]
    check(mapping, header)
    assert places(mapping, header) == {ImportField.FIRST_NAME: 1, ImportField.EMAIL: 0}


@pytest.mark.parametrize("other", ALIKE)
def test_two_columns_that_look_alike_are_refused(other: str) -> None:
    with pytest.raises(UnreadableFile, match="Two columns are named"):
        clean_header(["Prénom du client", "x", other])


def test_columns_without_a_name_can_be_several() -> None:
    assert clean_header(["Name", "", " ", "\u200b"]) == ["Name", "", "", "\u200b"]


def test_a_column_without_a_name_cannot_be_mapped() -> None:
    with pytest.raises(InvalidMapping, match="no column ''"):
        check([("", ImportField.EMAIL)], ["Name", ""])


def test_many_long_names_are_not_all_repeated_in_a_message() -> None:
    with pytest.raises(InvalidMapping) as refused:
        check([("x" * 5000, ImportField.EMAIL)], [f"{number}" * 1000 for number in range(100)])
    assert len(refused.value.message) < 4000
    assert "and 70 more" in refused.value.message


@pytest.mark.parametrize(
    "lines",
    [
        ['"Name,Email,Phone"', '"Ann,a@example.org,0151 12345678"'],
        ['"Name;""Email"";Phone"', '"Ann;""a@example.org"";0151 12345678"'],
        ["Name~E-Mail", "Ann~a@example.org"],
        ["Name    E-Mail", "Ann     a@example.org"],
    ],
)
def test_columns_in_a_single_cell_are_refused_rather_than_taken_for_one(lines: list[str]) -> None:
    with pytest.raises(UnreadableFile, match="all columns in one cell, 'Name"):
        open_list(["\n".join(lines).encode()])
    with pytest.raises(UnreadableFile, match="Text to Columns"):
        open_list([xlsx(text_rows([["Name;E-Mail;Phone"], ["Ann;a@example.org;0151 12345678"]]))])


@pytest.mark.parametrize("name", ["E-Mail", "Nachname, Vorname", "E-Mail, privat", "Mail: E-Mail"])
def test_a_single_column_can_have_any_other_name(name: str) -> None:
    assert open_list([f'"{name}"\nx\n'.encode()]).header == [name]
