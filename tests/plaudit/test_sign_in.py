"""Signing in to the console by a link, and how long a session lasts."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import models
from delivery.sign_in_links import SignInLinks
from models.clock import clock
from models.commands import sign_in_links
from models.commands.sign_in_links import NewLink
from models.connection import WORK, execute, fetch, pool
from models.rules.enums import AccountKind
from plaudit.cli.login import login
from tests import factories as make
from tests.gateway import SECRET, Api, Json, running, settings, token

LINKS = SignInLinks("http://127.0.0.1:8000", (SECRET,))
BROWSER = "a" * 43


@pytest.fixture(scope="module")
async def gateway(db: str) -> AsyncIterator[Api]:
    async with running(settings(db)) as api:
        yield api


async def member(**given: object) -> models.User:
    return await make.member(await make.account(**given))


async def link_of(user: models.User, account: models.Account | None = None, browser: str | None = None) -> str:
    """The token of a new link."""
    given = LINKS.new_token()
    bound = LINKS.hashes.of("browser", browser) if browser else None
    new = NewLink(LINKS.token_hash(given), user.id, account.id if account else None, bound)
    await sign_in_links.create(pool(WORK), new, clock.now())
    return given


async def use(api: Api, given: str, browser: str | None = None) -> tuple[int, Json]:
    answer = await api.client.post("/sign-in/link", json={"token": given, "browser": browser})
    return answer.status_code, answer.json()


def code_of(body: Json) -> str:
    return str(body["errors"][0]["extensions"]["code"])


async def renewed(api: Api, given: str) -> tuple[int, Json]:
    answer = await api.client.post("/sign-in/renew", headers={"authorization": f"Bearer {given}"})
    return answer.status_code, answer.json()


async def name_of_account(api: Api, given: str) -> str:
    headers = {"authorization": f"Bearer {given}"}
    answer = await api.client.post("/graphql", json={"query": "{ account { name } }"}, headers=headers)
    return str(answer.json()["data"]["account"]["name"])


async def test_what_is_not_configured_is_not_offered(gateway: Api) -> None:
    answer = await gateway.client.get("/sign-in")
    assert answer.json() == {"personas": [], "mail": False, "provider": None}
    for path in ("mail", "provider", "provider/start"):
        assert (await gateway.client.post(f"/sign-in/{path}", json={})).status_code == 404


async def test_a_link_gives_a_token_for_an_hour(gateway: Api) -> None:
    user = await member()
    status, session = await use(gateway, await link_of(user))
    assert (status, session["name"]) == (200, user.name)
    lasts = datetime.fromisoformat(session["expiresAt"]) - clock.now()
    assert timedelta(minutes=59) < lasts <= timedelta(hours=1)
    assert await name_of_account(gateway, session["token"])


async def test_a_session_acts_for_the_account_of_the_link(gateway: Api) -> None:
    user = await member()
    agency = await make.account(kind=AccountKind.AGENCY)
    client = await make.account(kind=AccountKind.AGENCY_CLIENT, agency_id=agency.id)
    ada = await make.member(agency)
    _, session = await use(gateway, await link_of(ada, client))
    assert await name_of_account(gateway, session["token"]) == client.name
    assert (await use(gateway, await link_of(user, client)))[0] == 401


async def test_a_link_works_once_however_many_use_it_at_the_same_time(gateway: Api) -> None:
    given = await link_of(await member())
    answers = await asyncio.gather(*(use(gateway, given) for _ in range(20)))
    assert sorted(status for status, _ in answers) == [200] + [410] * 19
    assert {code_of(body) for status, body in answers if status != 200} == {"LINK_OVER"}


async def test_a_link_works_for_fifteen_minutes(gateway: Api) -> None:
    given, late = await link_of(await member()), await link_of(await member())
    now = clock.now()
    clock.set(now + timedelta(minutes=14, seconds=59))
    assert (await use(gateway, given))[0] == 200
    clock.set(now + timedelta(minutes=15, seconds=1))
    assert (await use(gateway, late))[0] == 410


@pytest.mark.parametrize("given", ["", "nothing", "q" * 43, "\ud800", "a\x00b", "x" * 5000])
async def test_a_made_up_token_is_refused(gateway: Api, given: str) -> None:
    body = f'{{"token": "{given}"}}'.encode("utf-8", "surrogatepass")
    answer = await gateway.client.post("/sign-in/link", content=body)
    assert (answer.status_code, code_of(answer.json())) == (410, "LINK_OVER")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"x" * 20_000, b'{"token": 7}'])
async def test_a_body_that_is_no_object_is_refused(gateway: Api, body: bytes) -> None:
    assert (await gateway.client.post("/sign-in/link", content=body)).status_code == 410


async def test_a_bound_link_works_only_in_its_browser_and_is_not_used_up_elsewhere(gateway: Api) -> None:
    given = await link_of(await member(), browser=BROWSER)
    for other in (None, "", "b" * 43):
        status, body = await use(gateway, given, other)
        assert (status, code_of(body)) == (403, "OTHER_BROWSER")
        assert "browser in which it was asked for" in body["errors"][0]["message"]
    assert (await use(gateway, given, BROWSER))[0] == 200
    assert code_of((await use(gateway, given, "b" * 43))[1]) == "LINK_OVER"


async def test_only_hashes_are_stored(gateway: Api) -> None:
    user = await member()
    given = await link_of(user, browser=BROWSER)
    (row,) = await fetch(pool(WORK), "select l::text as text from sign_in_link l where user_id = $1", user.id)
    for secret in (given, BROWSER):
        assert secret not in row["text"]
        assert secret.encode().hex() not in row["text"]


async def test_a_link_works_after_the_secret_was_replaced(gateway: Api, db: str) -> None:
    given = await link_of(await member(), browser=BROWSER)
    async with running(settings(db, secret=f"{'n3w-' * 10},{SECRET}")) as after:
        assert (await use(after, given, BROWSER))[0] == 200


async def test_a_link_of_somebody_who_is_no_longer_a_member_is_refused(gateway: Api) -> None:
    user = await member()
    given = await link_of(user)
    await models.Membership.filter(user_id=user.id).delete()
    status, body = await use(gateway, given)
    assert (status, code_of(body)) == (401, "UNAUTHENTICATED")


async def test_old_links_are_deleted(gateway: Api) -> None:
    user, young = await member(), await member()
    await link_of(user)
    clock.set(clock.now() + timedelta(days=1, minutes=16))
    await link_of(young)
    await sign_in_links.prune(pool(WORK), clock.now())
    left = await fetch(pool(WORK), "select user_id from sign_in_link where user_id in ($1, $2)", user.id, young.id)
    assert [row["user_id"] for row in left] == [young.id]


# Sessions


async def session_of(api: Api, user: models.User, account: models.Account | None = None) -> str:
    _, session = await use(api, await link_of(user, account))
    return str(session["token"])


async def test_a_session_is_renewed_while_it_is_used(gateway: Api) -> None:
    given = await session_of(gateway, await member())
    clock.set(clock.now() + timedelta(minutes=55))
    status, session = await renewed(gateway, given)
    assert status == 200
    clock.set(clock.now() + timedelta(minutes=55))
    assert (await renewed(gateway, given))[0] == 401
    assert (await renewed(gateway, session["token"]))[0] == 200


async def test_a_session_ends_after_twelve_hours(gateway: Api) -> None:
    given, began = await session_of(gateway, await member()), clock.now()
    for number in range(1, 15):
        clock.set(began + number * timedelta(minutes=50))
        _, session = await renewed(gateway, given)
        given = session["token"]
    assert datetime.fromisoformat(session["expiresAt"]) <= began + timedelta(hours=12, seconds=1)
    clock.set(began + timedelta(hours=12, seconds=2))
    assert (await renewed(gateway, session["token"]))[0] == 401


async def test_a_session_ends_with_the_membership(gateway: Api) -> None:
    user = await member()
    given = await session_of(gateway, user)
    assert (await renewed(gateway, given))[0] == 200
    await models.Membership.filter(user_id=user.id).delete()
    status, body = await renewed(gateway, given)
    assert (status, code_of(body)) == (401, "UNAUTHENTICATED")


async def test_a_session_for_an_account_ends_with_the_membership_there(gateway: Api) -> None:
    account, other = await make.account(), await make.account()
    user = await make.member(account)
    await models.Membership.create(
        account_id=other.id, user_id=user.id, role="VIEWER", created_at=clock.now(), using_db=pool(WORK)
    )
    given = await session_of(gateway, user, other)
    await models.Membership.filter(user_id=user.id, account_id=other.id).delete()
    assert (await renewed(gateway, given))[0] == 401
    assert (await renewed(gateway, await session_of(gateway, user)))[0] == 200


async def test_tokens_of_others_are_not_renewed(gateway: Api) -> None:
    status, body = await renewed(gateway, token(await member()))
    assert (status, body["errors"][0]["message"]) == (401, "This token cannot be renewed; sign in again.")
    assert (await renewed(gateway, "nonsense"))[0] == 401
    assert (await gateway.client.post("/sign-in/renew")).status_code == 401


# plaudit login


@pytest.fixture
def environment(db: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"ENV": "development", "DATABASE_URL": db, "SECRET": SECRET, "JWT_SECRET": SECRET}
    for name, value in given.items():
        monkeypatch.setenv(f"PLAUDIT_{name}", value)


async def printed(capsys: pytest.CaptureFixture[str], *given: str) -> str:
    """The token in the address that `plaudit login` prints."""
    await login(*given)
    found = re.fullmatch(r"http://127\.0\.0\.1:8000/#sign-in=([\w-]{43})\n", capsys.readouterr().out)
    assert found is not None
    return found[1]


@pytest.mark.usefixtures("environment")
async def test_the_command_prints_an_address_that_works_once_in_any_browser(
    gateway: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    account = await make.account()
    user = await make.member(account)
    for given in ((user.email,), (user.subject,), (user.email, account.key)):
        link = await printed(capsys, *given)
        status, session = await use(gateway, link)
        assert (status, session["name"]) == (200, user.name)
        assert (await use(gateway, link))[0] == 410


@pytest.mark.usefixtures("environment")
async def test_the_command_names_the_account_to_act_for(gateway: Api, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = await make.account(), await make.account()
    user = await make.member(first)
    await models.Membership.create(
        account_id=second.id, user_id=user.id, role="VIEWER", created_at=clock.now(), using_db=pool(WORK)
    )
    _, session = await use(gateway, await printed(capsys, user.email, second.key))
    assert await name_of_account(gateway, session["token"]) == second.name


@pytest.mark.usefixtures("environment")
async def test_the_command_refuses_whoever_is_no_member() -> None:
    gone = await member()
    await models.Membership.filter(user_id=gone.id).delete()
    for name in (gone.email, "nobody@example.com"):
        with pytest.raises(SystemExit, match=f"No member matches {name}"):
            await login(name)
    twins = [await member(), await member()]
    await execute(pool(WORK), "update app_user set email = $1 where id = $2", twins[0].email, twins[1].id)
    with pytest.raises(SystemExit, match="Several members match"):
        await login(twins[0].email)
