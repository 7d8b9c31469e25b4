"""A bulk import, from the upload to the sent e-mails, with live progress."""

import asyncio

import httpx

from models.rules.ids import uuid7
from tests.journeys.documents import IMPORT, PAGE, PROGRESS
from tests.journeys.test_invite import location_of
from tests.journeys.world import WAIT_SECONDS, Json, World

MAPPING = [
    {"column": "Name", "field": "FULL_NAME"},
    {"column": "E-Mail", "field": "EMAIL"},
    {"column": "Telefon", "field": "PHONE"},
]
ROW_ERRORS = """query ($id: ID!) { account { bulkImport(id: $id) { name createdBy
  rowErrors { edges { node { row column value code } } totalCount } progress { state sentMessages } } } }"""


async def start_import(plaudit: World, text: str, member: str = "owner", **values: object) -> Json:
    defaults = {
        "locationId": await location_of(plaudit),
        "name": "May list",
        "uploadId": await plaudit.upload("owner", text),
        "mapping": MAPPING,
        "channels": ["EMAIL"],
    }
    answer: Json = (await plaudit.data(member, IMPORT, input=defaults | values))["bulkImport"]
    return answer


def csv_text(number: int, prefix: str) -> str:
    rows = [f"Person {index};{prefix}-{index}@example.org;" for index in range(number)]
    return "\n".join(["Name;E-Mail;Telefon", *rows]) + "\n"


async def test_a_file_is_imported_with_progress_and_its_emails_are_sent(plaudit: World) -> None:
    prefix = uuid7().hex[-8:]
    text = csv_text(1200, prefix) + f"Nobody;;\nWrong;not-an-address;\nAgain;{prefix}-7@example.org;\n"
    key = (await start_import(plaudit, text))["bulkImport"]["id"]
    events = [event["data"]["importProgress"] for event in await plaudit.follow("owner", PROGRESS, id=key)]
    last = events[-1]
    assert (last["state"], last["totalRows"], last["percent"]) == ("COMPLETED", 1203, 100.0)
    assert (last["invitedRows"], last["skippedRows"], last["invalidRows"]) == (1200, 1, 2)
    assert [event["seq"] for event in events] == sorted({event["seq"] for event in events})
    assert all(
        event["processedRows"] == event["invitedRows"] + event["skippedRows"] + event["invalidRows"] for event in events
    )
    found = await plaudit.data("owner", ROW_ERRORS, id=key)
    errors = [edge["node"] for edge in found["account"]["bulkImport"]["rowErrors"]["edges"]]
    assert [(error["row"], error["code"]) for error in errors] == [
        (1201, "MISSING_CONTACT"),
        (1202, "INVALID_EMAIL"),
        (1203, "DUPLICATE_IN_FILE"),
    ]
    await plaudit.mail_to(f"{prefix}-42@example.org")
    page = await plaudit.data("owner", PAGE, search=f"{prefix}-42@example.org")
    (edge,) = page["account"]["customers"]["edges"]
    assert (edge["node"]["source"], edge["node"]["invitation"]["importName"]) == ("Bulk import", "May list")


async def test_progress_resumes_after_a_seq_and_completes_after_the_last(plaudit: World) -> None:
    key = (await start_import(plaudit, csv_text(3, uuid7().hex[-8:])))["bulkImport"]["id"]
    await plaudit.follow("owner", PROGRESS, id=key)
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            found = await plaudit.data("owner", ROW_ERRORS, id=key)
            if found["account"]["bulkImport"]["progress"]["sentMessages"] == 3:
                break
            await asyncio.sleep(0.05)
    (event,) = await plaudit.follow("owner", PROGRESS, id=key)
    seq = event["data"]["importProgress"]["seq"]
    assert await plaudit.follow("owner", PROGRESS, id=key, after=seq) == []


async def test_an_invalid_mapping_is_refused_before_the_import_starts(plaudit: World) -> None:
    mapping = [{"column": "Mail", "field": "EMAIL"}]
    answer = await start_import(plaudit, csv_text(1, "x"), mapping=mapping)
    assert [error["code"] for error in answer["userErrors"]] == ["INVALID_MAPPING"]


async def test_a_viewer_cannot_follow_an_import(plaudit: World) -> None:
    key = (await start_import(plaudit, csv_text(2, uuid7().hex[-8:])))["bulkImport"]["id"]
    (event,) = await plaudit.follow("viewer", PROGRESS, id=key)
    assert event["data"] == {"importProgress": None}
    (error,) = event["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("FORBIDDEN", ["importProgress"])


async def test_another_accounts_import_is_not_found(plaudit: World) -> None:
    key = (await start_import(plaudit, csv_text(2, uuid7().hex[-8:])))["bulkImport"]["id"]
    (event,) = await plaudit.follow("stranger", PROGRESS, id=key)
    assert event["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_free_plan_cannot_upload(plaudit: World) -> None:
    async with httpx.AsyncClient(base_url=plaudit.url) as client:
        headers = plaudit.headers("free") | {"Content-Type": "text/csv"}
        response = await client.post("/uploads", content=b"Name;E-Mail\n", headers=headers)
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["requires"] == {
        "plans": ["STARTER", "PROFESSIONAL", "ENTERPRISE"]
    }
