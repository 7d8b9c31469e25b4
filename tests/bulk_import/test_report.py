"""What an error report contains, and that it gives back exactly what was typed."""

import csv
import io
from collections.abc import AsyncIterator

import hypothesis.strategies as st
import pytest
from hypothesis import given

from bulk_import.csv_file import CsvFile
from bulk_import.report import Reason, as_typed, harmless, opened, report
from bulk_import.spreadsheet import Spreadsheet
from tests.bulk_import.sheets import text_rows, xlsx


@given(st.text())
def test_a_cell_comes_back_as_it_was_typed(cell: str) -> None:
    assert as_typed(harmless(cell)) == cell
    assert not harmless(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


async def written(text: str, *reasons: Reason) -> list[list[str]]:
    async def given_reasons() -> AsyncIterator[Reason]:
        for reason in reasons:
            yield reason

    found = b"".join([piece async for piece in report(CsvFile([text.encode()]), given_reasons(), "de")])
    return list(csv.reader(io.StringIO(found.decode("utf-8-sig")), delimiter=CsvFile([found]).delimiter))


async def test_a_report_has_the_files_columns_and_the_reasons() -> None:
    rows = await written("Name;Mail\nAnn;ann\nBen;ben@example.org\n=1+1;\n", Reason(1, "A", "a."), Reason(3, "C", "c."))
    assert rows == [["Name", "Mail", "code", "message"], ["Ann", "ann", "A", "a."], ["'=1+1", "", "C", "c."]]


async def test_a_report_of_a_report_has_new_reasons() -> None:
    rows = await written("Name,Mail,code,message\n'=1,x,INVALID_EMAIL,old.\n", Reason(1, "NEW", "new."))
    assert rows == [["Name", "Mail", "code", "message"], ["'=1", "x", "NEW", "new."]]


async def test_more_records_than_are_read_at_once_are_all_found() -> None:
    text = "Name,Mail\n" + "".join(f"{number},x\n" for number in range(1, 1203))
    rows = await written(text, *(Reason(number, "X", "x.") for number in (1, 500, 501, 1202)))
    assert [row[0] for row in rows[1:]] == ["1", "500", "501", "1202"]


@pytest.mark.parametrize(
    ("language", "delimiter"), [("de", ";"), ("fr-CA", ";"), ("es", ";"), ("pl", ";"), ("en", ","), ("en-GB", ",")]
)
async def test_the_report_of_a_spreadsheet_opens_in_columns_in_the_language_of_the_location(
    language: str, delimiter: str
) -> None:
    async def reasons() -> AsyncIterator[Reason]:
        yield Reason(1, "INVALID_EMAIL", "No @, no mail; write one.")

    file = Spreadsheet([xlsx(text_rows([["Name", "Mail"], ["Ann", "ann"]]))])
    text = b"".join([piece async for piece in report(file, reasons(), language)]).decode("utf-8-sig")
    assert text.splitlines()[0] == delimiter.join(["Name", "Mail", "code", "message"])
    assert list(csv.reader(io.StringIO(text), delimiter=delimiter))[1][2:] == [
        "INVALID_EMAIL",
        "No @, no mail; write one.",
    ]


def is_report(text: str) -> bool:
    file = CsvFile([text.encode()])
    return opened(file.header, file)[0]


def test_a_file_is_a_report_if_it_ends_with_its_columns_and_its_first_record_has_a_code() -> None:
    assert is_report("Mail,code,message\nx,INVALID_EMAIL,wrong\n")
    assert is_report("Mail,code,message\nx@example.org,,\n")
    assert not is_report("Mail,code,message\nx,K-17,call back\n")
    assert not is_report("code,message,Mail\nINVALID_EMAIL,wrong,x\n")
    assert not is_report("Mail,code,message\n")


async def test_a_files_own_columns_of_these_names_are_kept() -> None:
    rows = await written("Mail,Code,Message\nx,K-17,call back\n", Reason(1, "INVALID_EMAIL", "wrong"))
    assert rows == [
        ["Mail", "Code", "Message", "code (1)", "message (1)"],
        ["x", "K-17", "call back", "INVALID_EMAIL", "wrong"],
    ]


async def test_a_report_with_other_names_is_a_report_too() -> None:
    text = "Mail,code,code (1),message (1)\n'=1,K-17,INVALID_EMAIL,old.\n"
    rows = await written(text, Reason(1, "SUPPRESSED", "new."))
    assert rows == [["Mail", "code", "code (1)", "message (1)"], ["'=1", "K-17", "SUPPRESSED", "new."]]
