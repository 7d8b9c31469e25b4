"""Any input is answered with data, a user error or BAD_USER_INPUT, never an internal error."""

import pytest

from tests import factories as make
from tests.gateway import Api, Json
from tests.resolvers.test_commands import INVITE, RECORD, ann, place
from tests.resolvers.test_customers import PAGE

NUL = "\u0000"
NASTY = [NUL, "a" + NUL + "b", "\u202eabc", "%_\\%", "x" * 40_000, "🙂🙂🙂", "  ", "'; drop table account; --", "İǅß"]
FILTERS: list[Json] = [
    {"npsAtLeast": 100_000},
    {"npsAtMost": -(2**31)},
    {"npsAtLeast": 5, "npsAtMost": 2},
    {"sources": [NUL]},
    {"sources": []},
    {"locationIds": [NUL]},
    {"locationIds": []},
    {"bulkImportId": NUL},
    {"invitationStates": []},
    {"invitedSince": "0001-01-01T00:00:00Z"},
    {"invitedUntil": "9999-12-31T23:59:59Z"},
]


async def assert_no_internal_error(api: Api, document: str, **variables: object) -> None:
    answer = await api.ask((await place())[0], document, **variables)
    assert {error["extensions"]["code"] for error in answer.get("errors", [])} <= {"BAD_USER_INPUT"}


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
async def test_any_text_is_accepted_as_search_and_cursor(api: Api, text: str) -> None:
    await assert_no_internal_error(api, PAGE, search=text)
    await assert_no_internal_error(api, PAGE, after=text)


@pytest.mark.parametrize("given", FILTERS, ids=str)
async def test_any_filter_is_accepted_or_bad_user_input(api: Api, given: Json) -> None:
    await assert_no_internal_error(api, PAGE, filter=given)


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
async def test_any_text_is_accepted_in_mutation_inputs(api: Api, text: str) -> None:
    owner, _, location = await place()
    review = {"locationId": location, "platform": "google", "externalId": "1", "reviewerName": "A"}
    review |= {"reviewedOn": "2026-05-01T10:00:00Z"}
    for name in ("firstName", "email", "phone", "employee", "source", "idempotencyKey", "locationId"):
        answer = await api.ask(owner, INVITE, input=ann(location) | {name: text})
        assert {error["extensions"]["code"] for error in answer.get("errors", [])} <= {"BAD_USER_INPUT"}, name
    for name in ("platform", "externalId", "reviewerName", "text", "replyUrl", "invitationId", "email", "phone"):
        answer = await api.ask(owner, RECORD, input=review | {"externalId": make.unique("e")} | {name: text})
        assert {error["extensions"]["code"] for error in answer.get("errors", [])} <= {"BAD_USER_INPUT"}, name
