"""Signing in with an OpenID Connect provider."""

import asyncio
import base64
import hmac
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

import models
from models.clock import clock
from models.connection import WORK, execute, pool
from models.tables.account import ISSUER
from plaudit.sign_in_provider import RETURNS_OF_A_PEER
from tests import factories as make
from tests.gateway import Api, Json, running, settings
from tests.plaudit.provider import CLIENT, CLIENT_SECRET, Provider, new_key

PEERS = itertools.count(1)
SECRET_OF_TAB, BASE = "t" * 43, "https://reviews.example.com"


@pytest.fixture(scope="module")
async def shared_provider() -> AsyncIterator[Provider]:
    async with Provider().running() as running_provider:
        yield running_provider


@pytest.fixture
def provider(shared_provider: Provider) -> Provider:
    shared_provider.reset({"sub": make.unique("sub")})
    return shared_provider


@asynccontextmanager
async def gateway_of(provider: Provider, db: str, **given: Any) -> AsyncIterator[Api]:
    usual: Json = {
        "base_url": BASE,
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_name": "Example ID",
    }
    async with running(settings(db, **usual | given)) as api:
        yield api


@pytest.fixture(scope="module")
async def shared(shared_provider: Provider, db: str) -> AsyncIterator[Api]:
    async with gateway_of(shared_provider, db) as api:
        yield api


@pytest.fixture
def gateway(shared: Api) -> Api:
    """Each test is another peer, since returns are counted by peer."""
    shared.client.headers["x-forwarded-for"] = f"192.0.2.{next(PEERS)}"
    return shared


@pytest.fixture
async def fresh(provider: Provider, db: str) -> AsyncIterator[Api]:
    """A gateway that has not asked the provider for anything yet."""
    async with gateway_of(provider, db) as api:
        yield api


async def begun(api: Api, secret: str = SECRET_OF_TAB) -> dict[str, str]:
    """What is asked of the provider."""
    answer = await api.client.post("/sign-in/provider/start", json={"secret": secret})
    assert answer.status_code == 200, answer.text
    return dict(parse_qsl(urlsplit(answer.json()["address"]).query))


async def finish(api: Api, returned: Json, secret: str = SECRET_OF_TAB) -> tuple[int, Json]:
    answer = await api.client.post("/sign-in/provider", json={"secret": secret, **returned})
    return answer.status_code, answer.json()


async def signed_in(api: Api, provider: Provider, secret: str = SECRET_OF_TAB) -> tuple[int, Json]:
    return await finish(api, provider.returned(await begun(api, secret)), secret)


def code_of(body: Json) -> str:
    return str(body["errors"][0]["extensions"]["code"])


async def member_of(provider: Provider) -> models.User:
    """A member named by the provider's issuer and subject."""
    user = await make.member(await make.account())
    await execute(
        pool(WORK),
        "update app_user set issuer = $2, subject = $3 where id = $1",
        user.id,
        provider.issuer,
        provider.user["sub"],
    )
    return user


async def local_member() -> models.User:
    """A member as `plaudit apply` makes them without an issuer."""
    user = await make.member(await make.account())
    await execute(pool(WORK), "update app_user set issuer = $2 where id = $1", user.id, ISSUER)
    return user


async def test_it_is_offered_by_its_name(gateway: Api) -> None:
    assert (await gateway.client.get("/sign-in")).json()["provider"] == "Example ID"


async def test_a_member_is_found_by_issuer_and_subject(gateway: Api, provider: Provider) -> None:
    user = await member_of(provider)
    status, session = await signed_in(gateway, provider)
    assert (status, session["name"]) == (200, user.name)
    headers = {"authorization": f"Bearer {session['token']}"}
    answer = await gateway.client.post("/graphql", json={"query": "{ viewer { name } }"}, headers=headers)
    assert answer.json() == {"data": {"viewer": {"name": user.name}}}
    assert (await gateway.client.post("/sign-in/renew", headers=headers)).status_code == 200


async def test_what_is_asked_of_the_provider_has_state_nonce_and_challenge(gateway: Api, provider: Provider) -> None:
    first, second = await begun(gateway), await begun(gateway, "u" * 43)
    assert first["redirect_uri"] == f"{BASE}/sign-in/return"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) == 43
        assert first[name] != second[name]
    assert SECRET_OF_TAB not in first.values()


# By address


@pytest.mark.parametrize("verified", [True, "true"])
async def test_a_member_without_issuer_is_found_by_the_verified_address(
    gateway: Api, provider: Provider, verified: object
) -> None:
    user = await local_member()
    provider.user |= {"email": user.email.upper(), "email_verified": verified}
    status, session = await signed_in(gateway, provider)
    assert (status, session["name"]) == (200, user.name)


async def test_an_address_can_come_from_the_user_info(gateway: Api, provider: Provider) -> None:
    user = await local_member()
    provider.user |= {"email": user.email, "email_verified": True}
    provider.claims_in_token = False
    assert (await signed_in(gateway, provider))[0] == 200
    provider.spoiled = {"sub": "another"}
    assert (await signed_in(gateway, provider))[0] == 403


@pytest.mark.parametrize("verified", [None, False, "false", 1, "yes"])
async def test_an_address_that_is_not_verified_matches_nobody(
    gateway: Api, provider: Provider, verified: object
) -> None:
    user = await local_member()
    provider.user |= {"email": user.email, "email_verified": verified}
    status, body = await signed_in(gateway, provider)
    assert (status, code_of(body)) == (403, "NO_MEMBER")


async def test_an_address_does_not_match_a_member_with_an_issuer_of_their_own(gateway: Api, provider: Provider) -> None:
    """Whose address the provider may since have given to somebody else."""
    user = await member_of(provider)
    provider.user = {"sub": make.unique("sub"), "email": user.email, "email_verified": True}
    assert (await signed_in(gateway, provider))[0] == 403


async def test_an_address_of_several_members_matches_none(
    gateway: Api, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    user, twin = await local_member(), await local_member()
    await execute(pool(WORK), "update app_user set email = $1 where id = $2", user.email, twin.id)
    provider.user |= {"email": user.email, "email_verified": True}
    assert code_of((await signed_in(gateway, provider))[1]) == "NO_MEMBER"
    assert "matched 2 members" in caplog.text
    assert user.email not in caplog.text


async def test_whoever_is_no_member_is_refused(gateway: Api, provider: Provider) -> None:
    assert code_of((await signed_in(gateway, provider))[1]) == "NO_MEMBER"
    user = await member_of(provider)
    await models.Membership.filter(user_id=user.id).delete()
    assert code_of((await signed_in(gateway, provider))[1]) == "NO_MEMBER"
    provider.user["email"] = "no address"
    assert code_of((await signed_in(gateway, provider))[1]) == "NO_MEMBER"


# What ties the return to its beginning


async def test_only_the_browser_that_began_can_finish(gateway: Api, provider: Provider) -> None:
    await member_of(provider)
    returned = provider.returned(await begun(gateway))
    for other in ("", "u" * 43):
        status, body = await finish(gateway, returned, other)
        assert (status, code_of(body)) == (403, "NOT_SIGNED_IN")
    assert "/token" not in provider.asked
    assert (await finish(gateway, returned))[0] == 200


async def test_a_code_of_another_browser_is_worth_nothing(gateway: Api, provider: Provider) -> None:
    """The provider gives no token for it without the verifier of that browser."""
    await member_of(provider)
    stolen = provider.returned(await begun(gateway, "u" * 43))["code"]
    mine = provider.returned(await begun(gateway))
    assert code_of((await finish(gateway, mine | {"code": stolen}))[1]) == "NOT_SIGNED_IN"


@pytest.mark.parametrize(
    "changed",
    [{"state": ""}, {"state": "x" * 43}, {"state": "ü"}, {"code": "made up"}, {"iss": "https://evil.example"}],
)
async def test_a_changed_return_is_refused(gateway: Api, provider: Provider, changed: Json) -> None:
    await member_of(provider)
    returned = provider.returned(await begun(gateway))
    assert code_of((await finish(gateway, returned | changed))[1]) == "NOT_SIGNED_IN"


async def test_a_code_works_once(gateway: Api, provider: Provider) -> None:
    await member_of(provider)
    returned = provider.returned(await begun(gateway))
    answers = await asyncio.gather(*(finish(gateway, returned) for _ in range(5)))
    assert sorted(status for status, _ in answers) == [200] + [403] * 4


async def test_a_short_secret_is_refused(gateway: Api) -> None:
    answer = await gateway.client.post("/sign-in/provider/start", json={"secret": "short"})
    assert (answer.status_code, code_of(answer.json())) == (400, "BAD_USER_INPUT")


# The ID token


def seconds(number: int) -> int:
    return int((clock.now() + timedelta(seconds=number)).timestamp())


@pytest.mark.parametrize(
    "spoiled",
    [
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"aud": [CLIENT, "another client"]},
        {"aud": None},
        {"azp": "another client"},
        {"nonce": "another nonce"},
        {"nonce": None},
        {"exp": None},
        {"exp": "soon"},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "a\x00b"},
    ],
    ids=str,
)
async def test_a_token_with_a_wrong_claim_is_refused(gateway: Api, provider: Provider, spoiled: Json) -> None:
    await member_of(provider)
    provider.spoiled = spoiled
    status, body = await signed_in(gateway, provider)
    assert (status, code_of(body)) == (403, "NOT_SIGNED_IN")


@pytest.mark.parametrize(
    ("claim", "late", "status"), [("exp", -29, 200), ("exp", -31, 403), ("iat", 25, 200), ("iat", 40, 403)]
)
async def test_clocks_may_differ_by_half_a_minute(
    gateway: Api, provider: Provider, claim: str, late: int, status: int
) -> None:
    await member_of(provider)
    clock.set(clock.now().replace(microsecond=0))
    provider.spoiled = {claim: seconds(late)}
    assert (await signed_in(gateway, provider))[0] == status


async def test_a_token_for_several_audiences_names_us_as_its_party(gateway: Api, provider: Provider) -> None:
    await member_of(provider)
    provider.spoiled = {"aud": [CLIENT, "another client"], "azp": CLIENT}
    assert (await signed_in(gateway, provider))[0] == 200


async def test_a_token_signed_with_another_key_is_refused(fresh: Api, provider: Provider) -> None:
    await member_of(provider)
    theirs = provider.signs_with
    provider.signs_with = new_key()
    assert (await signed_in(fresh, provider))[0] == 403
    provider.claimed_kid = theirs.kid
    assert (await signed_in(fresh, provider))[0] == 403


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_a_token_that_anybody_could_sign_is_refused(gateway: Api, provider: Provider, algorithm: str) -> None:
    """Unsigned, or with the published key as the secret of an HMAC."""
    await member_of(provider)
    key = provider.signs_with

    def weak(token: str) -> str:
        head = encoded(json.dumps({"alg": algorithm, "kid": key.kid}).encode())
        signed = f"{head}.{token.split('.')[1]}"
        mac = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
        return f"{signed}.{encoded(mac) if algorithm == 'HS256' else ''}"

    provider.forge = weak
    assert (await signed_in(gateway, provider))[0] == 403


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def test_new_keys_are_fetched_when_the_provider_has_changed_them(fresh: Api, provider: Provider) -> None:
    await member_of(provider)
    assert (await signed_in(fresh, provider))[0] == 200
    assert (await signed_in(fresh, provider))[0] == 200
    assert provider.asked.count("/keys") == 1
    provider.change_key()
    assert (await signed_in(fresh, provider))[0] == 200
    assert provider.asked.count("/keys") == 2


async def test_keys_are_not_fetched_again_and_again_for_unknown_ones(fresh: Api, provider: Provider) -> None:
    await member_of(provider)
    provider.signs_with = new_key()
    for _ in range(4):
        assert (await signed_in(fresh, provider))[0] == 403
    assert provider.asked.count("/keys") == 2


# When the provider fails


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
async def test_a_provider_that_fails_is_said_to_be_unavailable_and_works_again(
    fresh: Api, provider: Provider, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    await member_of(provider)
    provider.answers = {path: 500}
    answer = await fresh.client.post("/sign-in/provider/start", json={"secret": SECRET_OF_TAB})
    body = answer.json() if answer.is_error else (await signed_in(fresh, provider))[1]
    assert code_of(body) == "PROVIDER_UNAVAILABLE"
    assert f"nobody can sign in at {provider.issuer}: " in caplog.text
    provider.answers = {}
    assert (await signed_in(fresh, provider))[0] == 200


async def test_a_provider_that_does_not_answer_is_unavailable(provider: Provider, db: str) -> None:
    async with gateway_of(provider, db, oidc_issuer="http://127.0.0.1:1") as api:
        answer = await api.client.post("/sign-in/provider/start", json={"secret": SECRET_OF_TAB})
        assert (answer.status_code, code_of(answer.json())) == (502, "PROVIDER_UNAVAILABLE")


async def test_a_provider_that_calls_itself_otherwise_is_refused(provider: Provider, db: str) -> None:
    async with gateway_of(provider, db, oidc_issuer=f"{provider.issuer}/") as api:
        answer = await api.client.post("/sign-in/provider/start", json={"secret": SECRET_OF_TAB})
        assert answer.status_code == 502


async def test_a_peer_returns_sixty_times_within_a_quarter_of_an_hour(gateway: Api) -> None:
    answers = [(await finish(gateway, {}))[0] for _ in range(RETURNS_OF_A_PEER + 1)]
    assert answers == [403] * RETURNS_OF_A_PEER + [429]


async def test_the_clients_secret_goes_where_the_provider_wants_it(provider: Provider, db: str) -> None:
    await member_of(provider)
    provider.methods = ("client_secret_post",)
    async with gateway_of(provider, db) as api:
        assert (await signed_in(api, provider))[0] == 200


async def test_a_wrong_secret_of_the_client_is_logged(
    provider: Provider, db: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with gateway_of(provider, db, oidc_client_secret="wrong") as api:
        assert (await signed_in(api, provider))[0] == 403
    assert "the provider refused the code: 'invalid_client'" in caplog.text
