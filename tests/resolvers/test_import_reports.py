"""Error reports: their addresses, who may download them, and importing them again."""

import csv
import io
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette

import models
from bulk_import import runner
from models.rules import ids
from models.rules.enums import PlanTier, Role
from plaudit import report_access
from resolvers.context import Shared
from resolvers.cursors import CursorBox
from resolvers.live import Live
from tests import factories as make
from tests.bulk_import.imports import run_import, verdicts
from tests.bulk_import.sheets import text_rows, xlsx
from tests.gateway import SECRET, Api
from tests.resolvers.test_bulk_imports import agency, begin, list_of, upload
from tests.resolvers.test_commands import place

ADDRESS = "query ($id: ID!) { node(id: $id) { ... on BulkImport { errorReportUrl } } }"


async def address_of(api: Api, who: models.User, key: UUID) -> str | None:
    found = (await api.data(who, ADDRESS, id=ids.public_id(ids.BULK_IMPORT, key)))["node"]
    url: str | None = found["errorReportUrl"]
    assert url is None or url.startswith("http")
    return url and urlsplit(url).path


async def refused_list() -> tuple[models.Account, models.Location, UUID]:
    account = await make.account(plan=PlanTier.PROFESSIONAL)
    location = await make.location(account, steps=(0,))
    return account, location, await run_import(location, "Ann,=A,wrong,", "Ben,B,ben@example.org,", "Cid,C,,")


async def test_a_member_downloads_the_rows_that_were_not_taken_and_imports_them_again(api: Api) -> None:
    account, location, key = await refused_list()
    url = await address_of(api, await make.member(account, Role.OWNER), key)
    assert url is not None
    answer = await api.client.get(url)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[:5] for row in rows] == [
        ["First", "Last", "Mail", "Phone", "code"],
        ["Ann", "'=A", "wrong", "", "INVALID_EMAIL"],
        ["Cid", "C", "", "", "MISSING_CONTACT"],
    ]
    header, *records = answer.content.decode("utf-8-sig").splitlines()
    again = await run_import(location, *(one.replace("wrong", "ann@example.org") for one in records), header=header)
    assert await verdicts(again) == [None, "MISSING_CONTACT"]
    ann = await models.Customer.get(location_id=location.id, email="ann@example.org")
    assert ann.last_name == "=A"


async def test_a_row_with_surplus_cells_has_them_in_the_report_and_is_refused_again(api: Api) -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,))
    key = await run_import(location, "Ann,A,shift,,ann@example.org")
    url = await address_of(api, await make.member(account, Role.OWNER), key)
    assert url is not None
    header, record = (await api.client.get(url)).content.decode("utf-8-sig").splitlines()
    assert record.startswith("Ann,A,shift,,MALFORMED,")
    assert record.endswith(",ann@example.org")
    assert await verdicts(await run_import(location, record, header=header)) == ["MALFORMED"]


async def test_a_row_that_cannot_be_split_into_cells_is_named_in_the_report(api: Api) -> None:
    account = await make.account()
    location = await make.location(account, steps=(0,))
    key = await run_import(location, "Ben,B,ben@example.org,", 'Ann,"A"nn,ann@example.org,')
    url = await address_of(api, await make.member(account, Role.OWNER), key)
    assert url is not None
    _, record = (await api.client.get(url)).content.decode("utf-8-sig").splitlines()
    assert record.startswith(",,,,MALFORMED,Row 2 cannot be read: there is a quotation mark in the middle of a cell")


async def test_a_spreadsheets_report_has_the_delimiter_of_the_locations_language(api: Api) -> None:
    owner, place_of, location = await place()
    await models.Location.filter(account_id=place_of.account_id).update(language="de")
    sent = await upload(api, owner, xlsx(text_rows([["E-Mail", "Name"], ["wrong", "Ann"]])))
    begun = await begin(api, owner, list_of(location, sent))
    key = ids.parse_id(ids.BULK_IMPORT, begun["bulkImport"]["id"])
    assert key is not None
    await runner.run(key)
    url = await address_of(api, owner, key)
    assert url is not None
    header = (await api.client.get(url)).content.decode("utf-8-sig").splitlines()[0]
    assert header == "E-Mail;Name;code;message"


async def test_an_agency_downloads_the_report_of_a_client_with_row_level_security(row_security_api: Api) -> None:
    of, location = await agency()
    admin = await make.member(of, Role.ADMIN)
    sent = await upload(row_security_api, admin, "E-Mail\nwrong\n")
    begun = await begin(row_security_api, admin, list_of(location, sent))
    key = ids.parse_id(ids.BULK_IMPORT, begun["bulkImport"]["id"])
    assert key is not None
    await runner.run(key)
    url = await address_of(row_security_api, admin, key)
    assert url is not None
    answer = await row_security_api.client.get(url)
    assert (answer.status_code, "wrong" in answer.text) == (200, True)


async def test_there_is_no_report_if_every_row_was_taken(api: Api) -> None:
    account = await make.account()
    key = await run_import(await make.location(account, steps=(0,)), "Ann,A,ann@example.org,")
    assert await address_of(api, await make.member(account, Role.OWNER), key) is None


async def test_whoever_may_no_longer_view_the_import_gets_no_report(api: Api) -> None:
    account, _, key = await refused_list()
    owner = await make.member(account, Role.OWNER)
    url = await address_of(api, owner, key)
    assert url is not None
    await models.Membership.filter(user_id=owner.id).update(role=Role.VIEWER)
    assert (await api.client.get(url)).status_code == 403
    await models.Membership.filter(user_id=owner.id).delete()
    assert (await api.client.get(url)).status_code in (403, 404)


async def test_an_address_that_was_changed_is_not_valid(api: Api) -> None:
    account, _, key = await refused_list()
    url = await address_of(api, await make.member(account, Role.OWNER), key)
    assert url is not None
    assert (await api.client.get(url.replace("/reports/", "/reports/A"))).status_code == 404


async def test_a_file_that_is_no_longer_stored_gives_no_report(api: Api) -> None:
    account, _, key = await refused_list()
    url = await address_of(api, await make.member(account, Role.OWNER), key)
    assert url is not None
    row = await models.BulkImport.get(id=key)
    await models.Upload.filter(id=row.upload_id).update(size=None)
    assert (await api.client.get(url)).status_code == 410


@pytest.mark.parametrize(("most", "status"), [(0, 429), (1, 404)])
async def test_only_so_many_reports_are_sent_at_once(db: str, most: int, status: int) -> None:
    shared = Shared(CursorBox((SECRET,)), Live(db))
    transport = httpx.ASGITransport(Starlette(routes=report_access.routes(shared, most)))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/reports/x.csv")).status_code == status
