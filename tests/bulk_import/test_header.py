"""Columns' names are compared as people see them."""

import pytest

from bulk_import.header import clean_header
from bulk_import.mapping import check, places
from models.rules.enums import ImportField
from models.rules.errors import InvalidMapping, UnreadableFile

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
