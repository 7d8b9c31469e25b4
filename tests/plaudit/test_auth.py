"""Tokens: whose they are, and which are none."""

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

SECRET, OTHER = "one secret that is long enough, is it", "another secret that is long enough, yes"
HOUR = timedelta(hours=1)


def signed(secret: str = SECRET, algorithm: str = "HS256", **claims: object) -> str:
    """A token as somebody else's code would make it; a claim that is None is left out."""
    whole = {"iss": "them", "sub": "mia", "exp": clock.now().timestamp() + 60} | claims
    kept: dict[str, Any] = {name: value for name, value in whole.items() if value is not None}
    return "Bearer " + jwt.encode({"alg": algorithm}, kept, OctKey.import_key(secret), algorithms=[algorithm])


def unsigned() -> str:
    parts = ({"alg": "none"}, {"iss": "them", "sub": "mia", "exp": clock.now().timestamp() + 60})
    return (
        "Bearer " + ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + "."
    )


def test_an_issued_token_tells_who_and_for_which_account_and_until_when() -> None:
    account = ids.uuid7()
    identity = auth.verify([SECRET], "Bearer " + auth.issue(SECRET, "mia", account=account, lifetime=HOUR))
    assert (identity.issuer, identity.subject, identity.acting_account) == (ISSUER, "mia", account)
    assert timedelta(minutes=59) < identity.expires_at - clock.now() <= HOUR


def test_the_account_stands_in_the_claim_of_the_setting() -> None:
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
def test_what_is_no_valid_token_identifies_nobody(token: object) -> None:
    with pytest.raises(GraphQLError):
        auth.verify([SECRET], token)


NOON, INSTANT = datetime(2026, 5, 4, 12, tzinfo=UTC), timedelta(microseconds=1)


def told(token: str) -> str | None:
    """What is refused of a token; None of a valid one."""
    try:
        auth.verify([SECRET], token)
    except GraphQLError as refused:
        return refused.message
    return None


@pytest.mark.parametrize(
    ("at", "refused"), [(NOON - INSTANT, None), (NOON, "Token expired"), (NOON + INSTANT, "Token expired")]
)
def test_a_token_expires_to_the_instant(at: datetime, refused: str | None) -> None:
    clock.set(at)
    assert told(signed(exp=NOON.timestamp())) == refused


@pytest.mark.parametrize(("ahead", "refused"), [(30, None), (31, "Token not valid yet")])
def test_a_token_may_begin_half_a_minute_ahead_of_this_clock(ahead: int, refused: str | None) -> None:
    clock.set(NOON)
    assert told(signed(nbf=NOON.timestamp() + ahead)) == refused


@pytest.mark.parametrize(
    ("token", "refused"),
    [
        (signed(OTHER), "No member matches this token."),
        ("Bearer ", "Send the token of a member: Authorization: Bearer TOKEN."),
        ("Basic x", "Send the token of a member: Authorization: Bearer TOKEN."),
        (signed(OTHER, exp=0), "No member matches this token."),
    ],
)
def test_only_a_token_of_ours_is_told_that_it_expired(token: str, refused: str) -> None:
    assert told(token) == refused


@pytest.mark.parametrize("scheme", ["bearer ", "BEARER ", "Bearer  "])
def test_the_scheme_may_be_written_in_any_case(scheme: str) -> None:
    assert auth.verify([SECRET], signed().replace("Bearer ", scheme))


def test_tokens_of_an_older_secret_are_accepted_beside_those_of_the_first() -> None:
    for secret in (SECRET, OTHER):
        assert auth.verify([SECRET, OTHER], signed(secret))
    with pytest.raises(GraphQLError):
        auth.verify([SECRET], signed(OTHER))


@pytest.mark.parametrize("named", ["plaudit", ["plaudit"], ["others", "plaudit"]])
def test_a_token_may_name_the_demanded_audience_alone_or_among_others(named: object) -> None:
    assert auth.verify([SECRET], signed(aud=named), audience="plaudit")


@pytest.mark.parametrize("named", [None, "others", ["others"], "plaudit2", [], 7, {"plaudit": True}])
def test_a_token_for_another_audience_identifies_nobody(named: object) -> None:
    with pytest.raises(GraphQLError):
        auth.verify([SECRET], signed(aud=named), audience="plaudit")


def test_an_audience_that_is_not_demanded_is_not_looked_at() -> None:
    assert auth.verify([SECRET], signed(aud="others"))


def test_an_issued_token_names_its_audience() -> None:
    token = "Bearer " + auth.issue(SECRET, "mia", lifetime=HOUR, audience="plaudit")
    assert auth.verify([SECRET], token, audience="plaudit")
