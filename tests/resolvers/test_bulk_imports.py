"""Starting a bulk import: who can import which upload, and the checks before it starts."""

from typing import Any

import pytest

import models
from bulk_import import runner
from models.rules import ids
from models.rules.enums import AccountKind, PlanTier, Role
from tests import factories as make
from tests.bulk_import.imports import add_sms_step
from tests.gateway import Api, Json, token
from tests.resolvers.test_commands import codes, place

BEGIN = """mutation ($input: BulkImportInput!) { bulkImport(input: $input) {
  bulkImport { id name } userErrors { code field message } } }"""


async def upload(api: Api, who: models.User, text: str | bytes = "E-Mail\nann@example.org\n", **given: Any) -> str:
    headers = {"authorization": f"Bearer {token(who, **given)}", "content-type": "text/csv"}
    content = text if isinstance(text, bytes) else text.encode()
    answer = await api.client.post("/uploads", content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["uploadId"])


def list_of(location: str, upload_id: str) -> Json:
    mapping = [{"column": "E-Mail", "field": "EMAIL"}]
    return {"locationId": location, "name": "May", "uploadId": upload_id, "mapping": mapping, "channels": ["EMAIL"]}


async def begin(api: Api, who: models.User, given: Json) -> Json:
    found: Json = (await api.data(who, BEGIN, input=given))["bulkImport"]
    return found


async def agency(**given: Any) -> tuple[models.Account, str]:
    """An agency, and the id of its client's location."""
    of = await make.account(kind=AccountKind.AGENCY, plan=PlanTier.ENTERPRISE)
    client = await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=of.id, **given)
    return of, ids.public_id(ids.LOCATION, (await make.location(client)).id)


async def test_upload_can_be_imported_several_times_and_by_colleagues(api: Api) -> None:
    owner, place_of, location = await place()
    account = await models.Account.get(id=place_of.account_id)
    given = list_of(location, await upload(api, owner))
    for who in (owner, owner, await make.member(account, Role.MANAGER)):
        assert (await begin(api, who, given))["bulkImport"]["name"] == "May"


async def test_channels_are_required_and_each_counts_once(api: Api) -> None:
    owner, _, location = await place()
    given = list_of(location, await upload(api, owner))
    assert codes(await begin(api, owner, given | {"channels": []})) == [("INVALID", ["channels"])]
    started = await begin(api, owner, given | {"channels": ["EMAIL", "EMAIL"]})
    row = await models.BulkImport.get(id=ids.parse_id(ids.BULK_IMPORT, started["bulkImport"]["id"]))
    assert row.channels == ["EMAIL"]


async def test_agency_member_imports_for_a_client(api: Api) -> None:
    of, location = await agency()
    admin = await make.member(of, Role.ADMIN)
    started = await begin(api, admin, list_of(location, await upload(api, admin)))
    assert started["userErrors"] == []


async def test_upload_of_another_account_and_user_is_not_found(api: Api) -> None:
    of, location = await agency()
    admin, colleague = await make.member(of, Role.ADMIN), await make.member(of, Role.ADMIN)
    stranger, _, elsewhere = await place()
    sent = await upload(api, admin)
    for who, where in ((colleague, location), (stranger, elsewhere)):
        assert codes(await begin(api, who, list_of(where, sent))) == [("NOT_FOUND", ["uploadId"])]


async def test_file_size_limit_is_that_of_the_importing_account(api: Api) -> None:
    of, location = await agency(overrides={"upload_megabytes": 1})
    admin = await make.member(of, Role.ADMIN)
    sent = await upload(api, admin, "E-Mail\n" + "x" * 1_000_000)
    refused = await begin(api, admin, list_of(location, sent))
    assert codes(refused) == [("FILE_TOO_LARGE", ["uploadId"])]
    assert "1 MB" in refused["userErrors"][0]["message"]


async def test_a_list_without_a_column_for_its_channel_is_refused(api: Api) -> None:
    owner, _, location = await place()
    given = list_of(location, await upload(api, owner, "Phone\n0151 12345678\n"))
    given["mapping"] = [{"column": "Phone", "field": "PHONE"}]
    assert codes(await begin(api, owner, given)) == [("INVALID_MAPPING", ["mapping"])]
    both = given | {"channels": ["EMAIL", "SMS"]}
    assert codes(await begin(api, owner, both)) == [("INVALID_MAPPING", ["mapping"])]  # the sequence has no SMS step
    where = await models.Location.get(id=ids.parse_id(ids.LOCATION, location))
    await add_sms_step(where)
    assert codes(await begin(api, owner, both)) == []


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_file_without_rows_is_refused(api: Api, dry_run: bool) -> None:
    owner, _, location = await place()
    refused = await begin(api, owner, list_of(location, await upload(api, owner, "E-Mail\n\n")) | {"dryRun": dry_run})
    assert codes(refused) == [("UNREADABLE_FILE", ["uploadId"])]
    assert "no rows below its header" in refused["userErrors"][0]["message"]


async def test_an_upload_that_broke_off_cannot_be_imported(api: Api) -> None:
    owner, _, location = await place()
    sent = await upload(api, owner)
    await models.Upload.filter(id=ids.parse_id(ids.UPLOAD, sent)).update(size=None)
    assert codes(await begin(api, owner, list_of(location, sent))) == [("NOT_FOUND", ["uploadId"])]


@pytest.mark.parametrize("key", [None, "once"])
@pytest.mark.parametrize(
    ("data", "column", "code"),
    [
        (b"Na\x00me,E-Mail\nBen,b@example.org\n", "E-Mail", "UNREADABLE_FILE"),
        (b"Name,E-Mail\nBen,b@example.org\n", "E\x00-Mail", "INVALID_MAPPING"),
        ("Name,E-Mail\nBen,b@example.org\n".encode("utf-32-le"), "E-Mail", "UNREADABLE_FILE"),
    ],
)
async def test_nul_bytes_are_refused_in_words(api: Api, data: bytes, column: str, code: str, key: str | None) -> None:
    owner, _, location = await place()
    given = list_of(location, await upload(api, owner, data)) | {"idempotencyKey": key}
    given["mapping"][0]["column"] = column
    refused = await begin(api, owner, given)
    assert [error["code"] for error in refused["userErrors"]] == [code]


async def test_a_list_is_imported_as_people_have_it(api: Api) -> None:
    owner, _, location = await place()
    data = '\ufeffsep=;\r\nE-mail ; "Kunde"\r\nJ@example.org; "Zoë, M"\r\n;\r\nk@example.org\r\n\x1a'
    started = await begin(api, owner, list_of(location, await upload(api, owner, data.encode("utf-16-le"))))
    key = ids.parse_id(ids.BULK_IMPORT, started["bulkImport"]["id"])
    assert key is not None
    await runner.run(key)
    done = await models.BulkImport.get(id=key)
    assert (done.state, done.total_rows, done.invited_rows, done.invalid_rows) == ("COMPLETED", 2, 2, 0)
