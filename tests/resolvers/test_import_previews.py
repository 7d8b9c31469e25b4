"""Previews of uploads: what they show, to whom, and what cannot be previewed."""

import pytest

import models
from bulk_import import runner
from models.rules import ids
from models.rules.enums import PlanTier, Role
from tests import factories as make
from tests.bulk_import.sheets import ods, ods_row, ods_text, text_rows, xlsx
from tests.gateway import Api, Json, token
from tests.resolvers.test_bulk_imports import agency, begin, list_of, upload
from tests.resolvers.test_commands import codes, place

PREVIEW = """mutation ($upload: ID!) { previewBulkImport(input: {uploadId: $upload}) {
  preview { uploadId encoding delimiter columns { name samples suggestedField } warnings { code message } }
  userErrors { code field message } } }"""


async def preview(api: Api, who: models.User, upload_id: str) -> Json:
    found: Json = (await api.data(who, PREVIEW, upload=upload_id))["previewBulkImport"]
    return found


async def test_encoding_delimiter_and_columns_are_shown(api: Api) -> None:
    owner, _, _ = await place()
    text = "Kunde;;Mail;Notiz\n" + "".join(
        f"Zoë {n};x;z{n}@example.org;{' ' if n % 2 else 'n' * 300}\n" for n in range(20)
    )
    sent = await upload(api, owner, text.encode("windows-1252"))
    assert (await preview(api, owner, sent))["preview"] == {
        "uploadId": sent,
        "encoding": "windows-1252",
        "delimiter": ";",
        "columns": [
            {"name": "Kunde", "samples": [f"Zoë {n}" for n in range(5)], "suggestedField": "FULL_NAME"},
            {"name": "", "samples": ["x"] * 5, "suggestedField": None},
            {"name": "Mail", "samples": [f"z{n}@example.org" for n in range(5)], "suggestedField": "EMAIL"},
            {"name": "Notiz", "samples": ["n" * 200] * 5, "suggestedField": None},
        ],
        "warnings": [],
    }


async def test_a_header_without_records_has_no_samples(api: Api) -> None:
    owner, _, _ = await place()
    shown = (await preview(api, owner, await upload(api, owner, "E-Mail\tName")))["preview"]
    assert [(one["name"], one["samples"]) for one in shown["columns"]] == [("E-Mail", []), ("Name", [])]


async def test_what_seems_wrong_is_told(api: Api) -> None:
    owner, _, _ = await place()
    sent = await upload(api, owner, "Customers 2026\nName,E-Mail\nAnn,ann@example.org\n")
    (warning,) = (await preview(api, owner, sent))["preview"]["warnings"]
    assert (warning["code"], "“Customers 2026”" in warning["message"]) == ("TITLE_SKIPPED", True)


async def test_only_the_beginning_of_a_file_is_read(api: Api) -> None:
    owner, _, _ = await place()
    text = "E-Mail\n" + "ann@example.org\n" * 200_000
    sent = await upload(api, owner, text + '"never closed')
    assert (await preview(api, owner, sent))["userErrors"] == []


@pytest.mark.parametrize(
    "data",
    [b"", b"ann@example.org\n", b"%PDF-1.7", "E-Mail\n".encode("utf-32"), b'"E-Mail\n', b'a,b\n"1\n2,3\n4"x,5\n'],
)
async def test_an_unreadable_file_is_refused_as_by_bulk_import(api: Api, data: bytes) -> None:
    owner, _, _ = await place()
    refused = await preview(api, owner, await upload(api, owner, data))
    assert (codes(refused), refused["preview"]) == ([("UNREADABLE_FILE", ["uploadId"])], None)


async def test_an_upload_is_visible_to_whoever_can_import_it(api: Api) -> None:
    owner, place_of, _ = await place()
    account = await models.Account.get(id=place_of.account_id)
    stranger, _, _ = await place()
    sent = await upload(api, owner)
    for who in (owner, await make.member(account, Role.MANAGER), await make.member(account, Role.ADMIN)):
        assert (await preview(api, who, sent))["userErrors"] == []
    assert codes(await preview(api, stranger, sent)) == [("NOT_FOUND", ["uploadId"])]
    assert codes(await preview(api, owner, "upl_none")) == [("NOT_FOUND", ["uploadId"])]


async def test_an_agencys_member_previews_what_they_uploaded_for_a_client(api: Api) -> None:
    of, _ = await agency()
    admin, colleague = await make.member(of, Role.ADMIN), await make.member(of, Role.ADMIN)
    client = await models.Account.get(agency_id=of.id)
    sent = await upload(api, admin, account=client.id)
    for who in (admin, colleague):
        assert (await preview(api, who, sent))["userErrors"] == []


async def test_a_former_member_previews_their_own_upload_elsewhere(api: Api) -> None:
    owner, place_of, _ = await place()
    account = await models.Account.get(id=place_of.account_id)
    both = await make.member(account, Role.OWNER)
    sent = await upload(api, both)
    await models.Upload.all().order_by("-id").limit(1).update(account_id=(await make.account()).id)
    assert (await preview(api, both, sent))["userErrors"] == []
    assert codes(await preview(api, owner, sent)) == [("NOT_FOUND", ["uploadId"])]


async def test_an_upload_that_broke_off_or_is_too_large_cannot_be_previewed(api: Api) -> None:
    owner, place_of, _ = await place()
    sent = await upload(api, owner)
    await models.Upload.filter(account_id=place_of.account_id).update(size=1_000_000_000)
    assert codes(await preview(api, owner, sent)) == [("FILE_TOO_LARGE", ["uploadId"])]
    await models.Upload.filter(account_id=place_of.account_id).update(size=None)
    assert codes(await preview(api, owner, sent)) == [("NOT_FOUND", ["uploadId"])]


async def test_uploads_are_found_with_row_level_security_too(row_security_api: Api) -> None:
    api = row_security_api
    owner, _, _ = await place()
    stranger, _, _ = await place()
    sent = await upload(api, owner)
    assert (await preview(api, owner, sent))["userErrors"] == []
    assert codes(await preview(api, stranger, sent)) == [("NOT_FOUND", ["uploadId"])]


async def test_a_plan_without_imports_has_no_previews(api: Api) -> None:
    account = await make.account(plan=PlanTier.STARTER)
    owner = await make.member(account, Role.OWNER)
    sent = await upload(api, owner)
    await models.Account.filter(id=account.id).update(plan=PlanTier.FREE)
    (error,) = (await api.ask(owner, PREVIEW, upload=sent))["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"


OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = [["Name", "E-Mail"], ["Ann", "ann@example.org"], ["Ben", "ben@example.org"]]
SHEETS = [
    (xlsx(text_rows(ROWS)), OFFICE, "XLSX"),
    (xlsx(text_rows(ROWS)), "application/vnd.ms-excel.sheet.macroEnabled.12", "XLSX"),
    (
        ods("".join(ods_row(*map(ods_text, row)) for row in ROWS)),
        "application/vnd.oasis.opendocument.spreadsheet",
        "ODS",
    ),
]


@pytest.mark.parametrize(("data", "kind", "encoding"), SHEETS)
async def test_a_spreadsheet_is_uploaded_previewed_and_imported(
    api: Api, data: bytes, kind: str, encoding: str
) -> None:
    owner, _, location = await place()
    headers = {"authorization": f"Bearer {token(owner)}", "content-type": kind}
    sent = str((await api.client.post("/uploads", content=data, headers=headers)).json()["uploadId"])
    shown = (await preview(api, owner, sent))["preview"]
    assert (shown["encoding"], shown["delimiter"]) == (encoding, "")
    assert [(one["name"], one["suggestedField"]) for one in shown["columns"]] == [
        ("Name", "FULL_NAME"),
        ("E-Mail", "EMAIL"),
    ]
    key = ids.parse_id(ids.BULK_IMPORT, (await begin(api, owner, list_of(location, sent)))["bulkImport"]["id"])
    assert key is not None
    await runner.run(key)
    done = await models.BulkImport.get(id=key)
    assert (done.state, done.total_rows, done.invited_rows) == ("COMPLETED", 2, 2)


async def test_a_pdf_named_like_a_workbook_is_refused_in_words(api: Api) -> None:
    owner, _, _ = await place()
    headers = {"authorization": f"Bearer {token(owner)}", "content-type": OFFICE}
    answer = await api.client.post("/uploads", content=b"%PDF-1.7\n", headers=headers)
    refused = await preview(api, owner, str(answer.json()["uploadId"]))
    assert refused["userErrors"][0]["message"].startswith(
        "This is a PDF, not a list; save the list as XLSX, ODS or CSV"
    )
