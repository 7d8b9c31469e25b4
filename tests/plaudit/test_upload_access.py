"""Who can upload: the members who can import lists, in the account that their token acts for; and as what."""

import httpx
import pytest

import models
from models.rules import ids
from models.rules.enums import AccountKind, PlanTier, Role
from tests import factories as make
from tests.gateway import Api, token


async def upload(api: Api, who: models.User | None, body: bytes = b"Mail\n", **claims: object) -> httpx.Response:
    headers = {"content-type": "text/csv"} | ({"authorization": f"Bearer {token(who, **claims)}"} if who else {})
    return await api.client.post("/uploads", content=body, headers=headers)


def code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["extensions"]["code"])


@pytest.mark.parametrize("role", Role)
async def test_roles_that_can_import_can_upload(api: Api, role: Role) -> None:
    answer = await upload(api, await make.member(await make.account(), role))
    if role is Role.VIEWER:
        assert (answer.status_code, code(answer)) == (403, "FORBIDDEN")
    else:
        assert answer.status_code == 201


@pytest.mark.parametrize("plan", [PlanTier.FREE, PlanTier.FREE_TRIAL])
async def test_plans_without_bulk_import_cannot_upload(api: Api, plan: PlanTier) -> None:
    answer = await upload(api, await make.member(await make.account(plan=plan)))
    assert (answer.status_code, code(answer)) == (403, "FORBIDDEN")


async def test_unknown_user_and_missing_token_are_unauthenticated(api: Api) -> None:
    user = await make.member(await make.account())
    user.subject = "nobody"
    for who in (user, None):
        answer = await upload(api, who)
        assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")


async def test_member_of_no_account_is_unauthenticated(api: Api) -> None:
    user = await models.User.create(issuer="tests", subject=make.unique("user"), name="Nobody", email="n@example.com")
    assert (await upload(api, user)).status_code == 401


async def test_upload_belongs_to_the_account_that_the_token_acts_for(api: Api) -> None:
    agency = await make.account(kind=AccountKind.AGENCY)
    client = await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id)
    answer = await upload(api, await make.member(agency, Role.ADMIN), account=client.id)
    stored = await models.Upload.get(id=ids.parse_id(ids.UPLOAD, answer.json()["uploadId"]))
    assert stored.account_id == client.id


async def test_largest_upload_is_that_of_the_plan(api: Api) -> None:
    owner = await make.member(await make.account(overrides={"upload_megabytes": 1}))
    assert (await upload(api, owner, b"x" * 1_000_000)).status_code == 201
    assert (await upload(api, owner, b"x" * 1_000_001)).status_code == 413


@pytest.mark.parametrize("kind", ["text/comma-separated-values", "text/csv; charset=utf-8", "", None])
async def test_lists_are_accepted_as_phones_and_browsers_name_them(api: Api, kind: str | None) -> None:
    assert (await upload_as(api, kind)).status_code == 201


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "image/png"])
async def test_forms_and_pictures_are_refused(api: Api, kind: str) -> None:
    assert (await upload_as(api, kind)).status_code == 415


async def upload_as(api: Api, kind: str | None) -> httpx.Response:
    headers = {"authorization": f"Bearer {token(await make.member(await make.account()))}"}
    given = headers if kind is None else headers | {"content-type": kind}
    return await api.client.post("/uploads", content=b"Mail\n", headers=given)
