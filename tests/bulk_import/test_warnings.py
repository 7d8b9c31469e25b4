"""Warnings about cells that were left out, from the file to the API."""

from typing import Any

import pytest

import models
from bulk_import import runner
from bulk_import.row import ParsedRow
from bulk_import.warnings import add_warnings
from models.connection import WORK, transaction
from models.rules import ids
from models.rules.enums import ImportRowWarningCode
from models.rules.row_warning import LeftOut
from tests import factories as make
from tests.bulk_import.imports import create_import, get_import, people, run_import
from tests.gateway import Api, Json, api

__all__ = ["api"]
WARNINGS = """query ($id: ID!) { node(id: $id) { ... on BulkImport {
  warnings { code column count rows } rowErrors { totalCount } progress { invitedRows invalidRows } } } }"""


def chunk(*rows: int) -> list[ParsedRow]:
    code = ImportRowWarningCode.INVALID_PHONE
    return [ParsedRow(row, [], left_out=[LeftOut(row, "Phone", code)]) for row in rows]


async def place() -> tuple[models.User, models.Location]:
    account = await make.account()
    return await make.member(account), await make.location(account, steps=(0,))


async def read(api: Api, who: models.User, key: Any) -> Json:
    found: Json = (await api.data(who, WARNINGS, id=ids.public_id(ids.BULK_IMPORT, key)))["node"]
    return found


async def test_the_warnings_of_chunks_add_up(api: Api) -> None:
    owner, location = await place()
    key = await create_import(location, *people(1, "sum"))
    for rows in (chunk(1, 2, 3, 4), [ParsedRow(5, [])], chunk(6, 7)):
        async with transaction(WORK) as tx:
            await add_warnings(tx, key, rows)
    warning = {"code": "INVALID_PHONE", "column": "Phone", "count": 6, "rows": [1, 2, 3, 4, 6]}
    assert (await read(api, owner, key))["warnings"] == [warning]


async def test_an_invalid_phone_in_a_list_by_email_is_told_and_decides_nothing(api: Api) -> None:
    owner, location = await place()
    records = ["Ann,A,ann@example.org,12", "Ben,B,ben@example.org,0151 12345678", "Cid,C,wrong,12"]
    found = await read(api, owner, await run_import(location, *records))
    assert found["warnings"] == [{"code": "INVALID_PHONE", "column": "Phone", "count": 1, "rows": [1]}]
    assert (found["progress"], found["rowErrors"]) == ({"invitedRows": 2, "invalidRows": 1}, {"totalCount": 1})


async def test_warnings_are_counted_once_per_row_over_all_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CHUNK", 2)
    _, location = await place()
    key = await run_import(location, *(f"Ann,A,ann{row}@example.org,12" for row in range(5)))
    (warning,) = (await get_import(key)).warnings
    assert (warning["count"], warning["rows"]) == (5, [1, 2, 3, 4, 5])
