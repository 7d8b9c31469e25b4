"""Tokens: whom they identify, and which are refused."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from graphql import GraphQLError
from joserfc import jwt
from joserfc.jwk import OctKey

from models.clock import clock
from models.rules import ids
from models.tables.account import ISSUER
from plaudit import auth
from resolvers.errors import EXPIRED

SECRET, OTHER = "one secret that is long enough, is it", "another secret that is long enough, yes"
HOUR = timedelta(hours=1)


def signed(secret: str = SECRET, algorithm: str = "HS256", **claims: object) -> str:
    """A token issued by other code; omits claims that are None."""
    whole = {"iss": "them", "sub": "mia", "exp": clock.now().timestamp() + 60} | claims
    kept: dict[str, Any] = {name: value for name, value in whole.items() if value is not None}
    return "Bearer " + jwt.encode({"alg": algorithm}, kept, OctKey.import_key(secret), algorithms=[algorithm])


def unsigned() -> str:
    parts = ({"alg": "none"}, {"iss": "them", "sub": "mia", "exp": clock.now().timestamp() + 60})
    return (
        "Bearer " + ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + "."
    )


def test_an_issued_token_identifies_its_member_account_and_expiry() -> None:
    account = ids.uuid7()
    identity = auth.verify([SECRET], "Bearer " + auth.issue(SECRET, "mia", account=account, lifetime=HOUR))
    assert (identity.issuer, identity.subject, identity.acting_account) == (ISSUER, "mia", account)
    assert timedelta(minutes=59) < identity.expires_at - clock.now() <= HOUR


def test_the_account_is_read_from_the_configured_claim() -> None:
    account = ids.uuid7()
    token = signed(tenant=ids.public_id(ids.ACCOUNT, account))
    identity = auth.verify([SECRET], token, claim="tenant")
    assert identity.acting_account == account


@pytest.mark.parametrize(
    "token",
    [
        signed(OTHER),
        signed(algorithm="HS512"),
        unsigned(),
        signed(exp=None),
        signed(exp="tomorrow"),
        signed(exp=10**30),
        signed(exp=float("inf")),
        signed(exp=0),
        signed(exp=253_402_300_799),  # the last second of the year 9999
        signed(nbf=10**30),
        signed(nbf=clock.now().timestamp() + 600),
        signed(iss=None),
        signed(sub=7),
        signed(account="acc_nonsense"),
        signed(account=["acc"]),
        signed()[:-3],
        signed().replace("Bearer ", "Basic "),
        signed().replace("Bearer ", "Bearer"),
        "Bearer",
        "Bearer ",
        "Bearer a.b.c",
        "Bearer \u00fc.\u00fc.\u00fc",
        "",
        None,
        7,
    ],
)
def test_an_invalid_token_is_refused(token: object) -> None:
    with pytest.raises(GraphQLError):
        auth.verify([SECRET], token)


NOON, INSTANT = datetime(2026, 5, 4, 12, tzinfo=UTC), timedelta(microseconds=1)


def refusal(token: str) -> str | None:
    """The message that refuses the token, or None if it is valid."""
    try:
        auth.verify([SECRET], token)
    except GraphQLError as refused:
        return refused.message
    return None


@pytest.mark.parametrize(
    ("at", "refused"), [(NOON - INSTANT, None), (NOON, "Token expired"), (NOON + INSTANT, "Token expired")]
)
def test_a_token_expires_at_its_exact_instant(at: datetime, refused: str | None) -> None:
    clock.set(at)
    assert refusal(signed(exp=NOON.timestamp())) == refused


@pytest.mark.parametrize(("ahead", "refused"), [(30, None), (31, "Token not valid yet")])
def test_a_token_can_start_30_seconds_ahead_of_our_clock(ahead: int, refused: str | None) -> None:
    clock.set(NOON)
    assert refusal(signed(nbf=NOON.timestamp() + ahead)) == refused


@pytest.mark.parametrize(
    ("token", "refused"),
    [
        (signed(OTHER), "Token not valid: it is malformed, or signed with another secret"),
        ("Bearer ", "Send the token of a member: Authorization: Bearer TOKEN."),
        ("Basic x", "Send the token of a member: Authorization: Bearer TOKEN."),
        (signed(OTHER, exp=0), "Token not valid: it is malformed, or signed with another secret"),
    ],
)
def test_only_a_signed_token_is_reported_as_expired(token: str, refused: str) -> None:
    assert refusal(token) == refused


@pytest.mark.parametrize("scheme", ["bearer ", "BEARER ", "Bearer  "])
def test_the_scheme_is_case_insensitive(scheme: str) -> None:
    assert auth.verify([SECRET], signed().replace("Bearer ", scheme))


def test_tokens_signed_with_older_secrets_are_accepted() -> None:
    for secret in (SECRET, OTHER):
        assert auth.verify([SECRET, OTHER], signed(secret))
    with pytest.raises(GraphQLError):
        auth.verify([SECRET], signed(OTHER))


@pytest.mark.parametrize("named", ["plaudit", ["plaudit"], ["others", "plaudit"]])
def test_a_token_can_name_the_required_audience_alone_or_among_others(named: object) -> None:
    assert auth.verify([SECRET], signed(aud=named), audience="plaudit")


@pytest.mark.parametrize("named", [None, "others", ["others"], "plaudit2", [], 7, {"plaudit": True}])
def test_a_token_for_another_audience_is_refused(named: object) -> None:
    with pytest.raises(GraphQLError):
        auth.verify([SECRET], signed(aud=named), audience="plaudit")


def test_the_audience_is_ignored_if_none_is_required() -> None:
    assert auth.verify([SECRET], signed(aud="others"))


def test_an_issued_token_names_its_audience() -> None:
    token = "Bearer " + auth.issue(SECRET, "mia", lifetime=HOUR, audience="plaudit")
    assert auth.verify([SECRET], token, audience="plaudit")


def test_a_token_tells_until_when_it_can_be_renewed_if_at_all() -> None:
    until = clock.now().replace(microsecond=0) + 12 * HOUR
    token = auth.issue(SECRET, "mia", lifetime=HOUR, renewable_until=until)
    assert auth.verify([SECRET], f"Bearer {token}").renewable_until == until
    assert auth.verify([SECRET], signed()).renewable_until is None
    with pytest.raises(GraphQLError):
        auth.verify([SECRET], signed(renewable_until="tomorrow"))


@pytest.fixture
def verifier() -> auth.Verifier:
    return auth.Verifier([SECRET], claim="account", audience=None)


def test_a_remembered_token_is_refused_once_it_has_expired(verifier: auth.Verifier) -> None:
    token = "Bearer " + auth.issue(SECRET, "mia", lifetime=HOUR)
    assert verifier.identify(token) is verifier.identify(token)
    clock.move(HOUR)
    with pytest.raises(GraphQLError, match=EXPIRED):
        verifier.identify(token)


@pytest.mark.parametrize("token", [signed(OTHER), None, ""])
def test_a_token_that_was_refused_is_refused_again(verifier: auth.Verifier, token: object) -> None:
    for _ in range(2):
        with pytest.raises(GraphQLError):
            verifier.identify(token)


def test_few_tokens_are_remembered(verifier: auth.Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "MAX_REMEMBERED", 3)
    for number in range(10):
        verifier.identify(signed(sub=str(number)))
    assert 1 <= len(verifier._known) <= 3
    long = auth.Verifier([SECRET], claim="account", audience=None)
    long.identify(signed(more="x" * auth.MAX_REMEMBERED_LENGTH))
    assert not long._known
