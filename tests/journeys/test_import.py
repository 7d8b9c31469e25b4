"""A bulk import, from the upload to the delivered mails, with live progress."""

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


async def begin(plaudit: World, text: str, who: str = "owner", **given: object) -> Json:
    wanted = {
        "locationId": await location_of(plaudit),
        "name": "May list",
        "uploadId": await plaudit.upload("owner", text),
        "mapping": MAPPING,
        "channels": ["EMAIL"],
    }
    answer: Json = (await plaudit.data(who, IMPORT, input=wanted | given))["bulkImport"]
    return answer


def a_list(number: int, mark: str) -> str:
    rows = [f"Person {index};{mark}-{index}@example.org;" for index in range(number)]
    return "\n".join(["Name;E-Mail;Telefon", *rows]) + "\n"


async def test_a_list_is_imported_with_progress_and_its_mails_are_sent(plaudit: World) -> None:
    mark = uuid7().hex[-8:]
    text = a_list(1200, mark) + f"Nobody;;\nWrong;not-an-address;\nAgain;{mark}-7@example.org;\n"
    key = (await begin(plaudit, text))["bulkImport"]["id"]
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
    await plaudit.mail_to(f"{mark}-42@example.org")
    page = await plaudit.data("owner", PAGE, search=f"{mark}-42@example.org")
    (edge,) = page["account"]["customers"]["edges"]
    assert (edge["node"]["source"], edge["node"]["invitation"]["importName"]) == ("Bulk import", "May list")


async def test_progress_resumes_after_a_seq_and_completes_after_the_last(plaudit: World) -> None:
    key = (await begin(plaudit, a_list(3, uuid7().hex[-8:])))["bulkImport"]["id"]
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
    wrong = [{"column": "Mail", "field": "EMAIL"}]
    answer = await begin(plaudit, a_list(1, "x"), mapping=wrong)
    assert [error["code"] for error in answer["userErrors"]] == ["INVALID_MAPPING"]


async def test_a_viewer_is_denied_the_import_and_its_progress(plaudit: World) -> None:
    key = (await begin(plaudit, a_list(2, uuid7().hex[-8:])))["bulkImport"]["id"]
    (event,) = await plaudit.follow("viewer", PROGRESS, id=key)
    assert event["data"] == {"importProgress": None}
    (error,) = event["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("FORBIDDEN", ["importProgress"])


async def test_another_accounts_import_does_not_exist(plaudit: World) -> None:
    key = (await begin(plaudit, a_list(2, uuid7().hex[-8:])))["bulkImport"]["id"]
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
