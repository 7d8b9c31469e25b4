"""An idempotency key belongs to one input, even if that input was refused."""

import pytest

from models.rules import ids
from models.rules.enums import Role
from models.rules.ids import uuid7
from tests import factories as make
from tests.gateway import Api, Json
from tests.resolvers.test_bulk_imports import begin, list_of, upload
from tests.resolvers.test_commands import RESTART, STOP, ann, codes, invite, invited, place

CONFLICT = [("IDEMPOTENCY_CONFLICT", ["idempotencyKey"])]
WRONG = [
    ({"phone": "12"}, "INVALID_PHONE"),
    ({"email": "ann at home"}, "INVALID_EMAIL"),
    ({"firstName": "x" * 201}, "INVALID"),
    ({"locationId": "loc_1"}, "NOT_FOUND"),
]


@pytest.mark.parametrize(("wrong", "code"), WRONG, ids=[code for _, code in WRONG])
async def test_key_of_a_refused_invitation_is_used(api: Api, wrong: Json, code: str) -> None:
    owner, _, location = await place()
    given = ann(location, idempotencyKey="one")
    refused = await invite(api, owner, given | wrong)
    assert codes(refused)[0][0] == code
    assert await invite(api, owner, given | wrong) == refused
    assert codes(await invite(api, owner, given)) == CONFLICT


@pytest.mark.parametrize(("wrong", "code"), WRONG, ids=[code for _, code in WRONG])
async def test_key_of_an_invitation_conflicts_with_an_invalid_request(api: Api, wrong: Json, code: str) -> None:
    owner, _, location = await place()
    given = ann(location, idempotencyKey="one")
    assert (await invite(api, owner, given))["userErrors"] == []
    assert codes(await invite(api, owner, given | wrong)) == CONFLICT


@pytest.mark.parametrize(("name", "document"), [("stopInvitation", STOP), ("restartInvitation", RESTART)])
async def test_key_of_an_unknown_invitation_is_used(api: Api, name: str, document: str) -> None:
    owner, location, _ = await place()
    given = {"invitationId": ids.public_id(ids.INVITATION, uuid7()), "idempotencyKey": "one"}
    for _ in range(2):
        assert codes((await api.data(owner, document, input=given))[name]) == [("NOT_FOUND", ["invitationId"])]
    other = given | {"invitationId": await invited(location)}
    assert codes((await api.data(owner, document, input=other))[name]) == CONFLICT


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": " "}, "INVALID"),
        ({"sendSpeed": {"perHour": 0}}, "INVALID"),
        ({"uploadId": "upl_1"}, "NOT_FOUND"),
        ({"mapping": [{"column": "Mail", "field": "EMAIL"}]}, "INVALID_MAPPING"),
        ({"locationId": "loc_1"}, "NOT_FOUND"),
    ],
)
async def test_key_of_a_refused_import_is_used(api: Api, wrong: Json, code: str) -> None:
    owner, _, location = await place()
    given = list_of(location, await upload(api, owner)) | {"idempotencyKey": "one"}
    refused = await begin(api, owner, given | wrong)
    assert codes(refused)[0][0] == code
    assert await begin(api, owner, given | wrong) == refused
    assert codes(await begin(api, owner, given)) == CONFLICT


async def test_null_and_an_omitted_field_are_the_same_input(api: Api) -> None:
    owner, location, _ = await place()
    given = {"invitationId": await invited(location), "idempotencyKey": "one"}
    stopped = [
        (await api.data(owner, STOP, input=given | reason))["stopInvitation"]
        for reason in ({}, {"reason": None}, {"reason": "OTHER"})
    ]
    assert stopped[0]["userErrors"] == []
    assert stopped == [stopped[0]] * 3


async def test_key_of_a_denied_request_stays_free(api: Api) -> None:
    account = await make.account()
    location = ids.public_id(ids.LOCATION, (await make.location(account)).id)
    viewer, owner = await make.member(account, Role.VIEWER), await make.member(account)
    given = ann(location, idempotencyKey="one")
    assert codes(await invite(api, viewer, given | {"locationId": "loc_1"})) == [("NOT_FOUND", ["locationId"])]
    assert (await invite(api, owner, given))["userErrors"] == []
