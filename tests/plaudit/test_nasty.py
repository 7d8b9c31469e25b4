"""Attacks with or without a valid token: each is refused with a code or a close code, and nothing is logged as an internal
error."""

import base64
import hmac
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

import models
from models.clock import clock
from models.rules.enums import Role
from plaudit import edge
from tests import factories as make
from tests.gateway import SECRET, Api, Json, closing_code, receive, send, subscribe, token

SURROGATE, NUL = "\ud800", "\0"
NAME = "{ account { name } }"


@pytest.fixture(autouse=True)
def nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    logged = caplog.get_records("call")
    assert [record.getMessage() for record in logged if record.levelno >= logging.WARNING] == []


@pytest.fixture
async def owner(db: str) -> models.User:
    return await make.member(await make.account())


def _encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


def forged(payload: str | bytes = "{}", header: str = '{"alg": "HS256"}') -> str:
    """A correctly signed token with any content, even if a library would refuse to create it."""
    signed = _encoded(header.encode()) + b"." + _encoded(payload if isinstance(payload, bytes) else payload.encode())
    return (signed + b"." + _encoded(hmac.digest(SECRET.encode(), signed, "sha256"))).decode()


def nested(levels: int) -> list[Any]:
    whole: list[Any] = []
    for _ in range(levels):
        whole = [whole]
    return whole


TOKENS: dict[str, tuple[Json, Json]] = {
    "critical header": ({"crit": ["x"]}, {}),
    "critical header of another type": ({"crit": 5}, {}),
    "critical header that exists": ({"crit": ["exp"], "exp": 1}, {}),
    "algorithm in a list": ({"alg": ["HS256"]}, {}),
    "no algorithm": ({"alg": None}, {}),
    "not base64": ({"b64": False}, {}),
    "NUL in the subject": ({}, {"sub": f"a{NUL}b"}),
    "surrogate in the subject": ({}, {"sub": f"a{SURROGATE}b"}),
    "NUL in the issuer": ({}, {"iss": NUL}),
    "surrogate in the issuer": ({}, {"iss": SURROGATE}),
    "NUL in the account": ({}, {"account": f"acc_{NUL * 32}"}),
    "surrogate in the account": ({}, {"account": SURROGATE}),
    "account of another type": ({}, {"account": {"acc": 1}}),
    "number as the subject": ({}, {"sub": 7}),
    "list as the issuer": ({}, {"iss": ["them"]}),
    "NaN": ({}, {"exp": float("nan")}),
    "Infinity": ({}, {"exp": float("inf")}),
    "minus Infinity": ({}, {"exp": float("-inf")}),
    "beyond the calendar": ({}, {"exp": 1e300}),
    "a large integer": ({}, {"exp": 10**4000}),
    "true": ({}, {"exp": True}),
    "text": ({}, {"exp": "never"}),
    "a list": ({}, {"exp": [1]}),
    "no end": ({}, {"exp": None}),
    "NaN as the beginning": ({}, {"nbf": float("nan")}),
    "true as the beginning": ({}, {"nbf": True}),
    "a long subject": ({}, {"sub": "x" * 20_000}),
}


def raw_tokens() -> dict[str, str]:
    """Correctly signed tokens that are otherwise invalid."""
    deep = "[" * 5_000 + "]" * 5_000
    return {
        "deep payload": forged(deep),
        "deep claim": forged(f'{{"iss": "a", "sub": "b", "exp": {deep}}}'),
        "deep header": forged(header=deep),
        "a list": forged("[]"),
        "a number": forged("5"),
        "null": forged("null"),
        "1e400": forged('{"iss": "a", "sub": "b", "exp": 1e400}'),
        "not UTF-8": forged(b"\xff\xfe"),
        "empty": forged(""),
        "header is a list": forged(header="[]"),
        "header is null": forged(header="null"),
        "two dots": "..",
        "five parts": "a.b.c.d.e",
        "no letters": "\u00fc.\u00fc.\u00fc",
    }


CASES = [*TOKENS, *raw_tokens()]


def nasty(case: str, owner: models.User) -> str:
    if case in TOKENS:
        header, claims = TOKENS[case]
        whole = {"iss": owner.issuer, "sub": owner.subject, "exp": clock.now().timestamp() + 600} | claims
        return forged(json.dumps(whole), json.dumps({"alg": "HS256"} | header))
    return raw_tokens()[case]


@pytest.mark.parametrize("case", CASES)
async def test_a_nasty_token_is_unauthenticated_everywhere(api: Api, owner: models.User, case: str) -> None:
    authorization = f"Bearer {nasty(case, owner)}"
    headers = {b"authorization": authorization.encode()}
    asked = await api.client.post("/graphql", json={"query": NAME}, headers=headers)
    uploaded = await api.client.post("/uploads", content="a", headers=headers | {b"content-type": b"text/csv"})
    for answer in (asked, uploaded):
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    async with api.socket() as socket:
        await send(socket, type="connection_init", payload={"authorization": authorization})
        assert await closing_code(socket) == 4403


@pytest.mark.parametrize(
    "message",
    [
        '{"type": "complete", "id": []}',
        '{"type": "complete", "id": {}}',
        '{"type": "complete", "id": 5}',
        '{"type": "complete", "id": null}',
        '{"type": "complete"}',
        '{"type": []}',
        '{"type": {}}',
        '{"type": null}',
        '{"id": "1"}',
        '{"type": "%s"}' % ("x" * 5_000),
        '{"type": "\\u0000"}',
        '{"type": "subscribe", "id": [], "payload": {"query": "{ x }"}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ x }"}}',
        '{"type": "subscribe", "id": "1", "payload": []}',
        '{"type": "subscribe", "id": "1", "payload": {}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ x }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ x }", "operationName": {}}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ x }", "extensions": []}}',
        '{"type": "ping", "payload": %s}' % ("[" * 300 + "]" * 300),
        '{"type": "ping", "payload": %s}' % ("[" * 3000 + "]" * 3000),
        '{"type": "subscribe", "id": "1", "payload": {"query": "\\ud800"}}',
        '{"type": "ping", "payload": 1e400}',
        '{"type": "ping", "payload": NaN}',
    ],
)
async def test_a_nasty_message_closes_with_4400(api: Api, owner: models.User, message: str) -> None:
    async with api.connected(owner) as socket:
        await socket.send(message)
        assert await closing_code(socket) == 4400


@pytest.mark.parametrize("payload", [[], 5, "x", None, nested(200), {"authorization": nested(200)}])
async def test_a_nasty_connection_init_is_refused(api: Api, payload: object) -> None:
    async with api.socket() as socket:
        await send(socket, type="connection_init", payload=payload)
        assert await closing_code(socket) in (4400, 4403)


async def test_bytes_instead_of_text_close_the_connection(api: Api, owner: models.User) -> None:
    async with api.connected(owner) as socket:
        await socket.send(b'{"type": "ping"}')
        assert await closing_code(socket) == 4400


async def test_an_id_of_any_length_can_be_used_once_at_a_time(api: Api, owner: models.User) -> None:
    async with api.connected(owner) as socket:
        long = "\u20ac" * 5_000
        document = 'subscription { importProgress(bulkImportId: "imp_00000000000000000000000000000000") { seq } }'
        await subscribe(socket, document, long)
        await subscribe(socket, document, long)
        while True:
            if await closing_code(socket) == 4409:
                return


BODIES = {
    "deep JSON": '{"query": "{ account { name } }", "variables": {"x": %s}}' % ("[" * 2_000 + "]" * 2_000),
    "deep JSON that can be read": '{"query": "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", "variables": {"ids": %s}}'
    % ("[" * 900 + "]" * 900),
    "a large integer": '{"query": "query ($n: Int) { account { locations(first: $n) { __typename } } }", "variables": {"n": %s}}'
    % ("9" * 5_000),
    "an infinite number": '{"query": "query ($n: Int) { account { name } }", "variables": {"n": 1e400}}',
    "half of a character": '{"query": "query ($id: ID!) { node(id: $id) { id } }", "variables": {"id": "\\ud800"}}',
    "an enormous integer in the document": json.dumps(
        {"query": "{ account { customers(first: %s) { edges { cursor } } } }" % ("9" * 6_000)}
    ),
    "an enormous float in the document": json.dumps(
        {"query": "{ account { customers(first: %s.5) { edges { cursor } } } }" % ("9" * 6_000)}
    ),
    "NUL in the document": json.dumps({"query": "{ account { name } } \0"}),
    "half of a character in a literal": json.dumps({"query": '{ node(id: "\\uD800") { id } }'}),
    "a directive that is not there": json.dumps({"query": "{ account @" + "x" * 5_000 + " { name } }"}),
    "fragments in a circle": json.dumps(
        {"query": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"}
    ),
    "no operation": json.dumps({"query": "fragment A on Query { viewer { id } }"}),
    "a schema": json.dumps({"query": "type A { b: Int }"}),
    "a subscription": json.dumps({"query": 'subscription { importProgress(bulkImportId: "x") { seq } }'}),
    "nested introspection": json.dumps(
        {"query": "{ __schema { types " + "{ fields { type " * 40 + "{ name }" + "} }" * 41}
    ),
}


@pytest.mark.parametrize("case", BODIES)
async def test_a_nasty_request_has_a_code(api: Api, owner: models.User, case: str) -> None:
    headers = {
        "authorization": f"Bearer {token(owner)}",
        "content-type": "application/json",
        "accept": edge.RESPONSE_JSON,
    }
    answer = await api.client.post("/graphql", content=BODIES[case], headers=headers)
    assert answer.status_code == 400
    codes = {error["extensions"]["code"] for error in answer.json()["errors"]}
    assert codes <= {"BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "QUERY_TOO_COSTLY"}
    assert len(answer.content) < 50_000


async def refusals(api: Api, who: models.User, document: str, variables: Json) -> set[str]:
    """The error codes, over HTTP and on a websocket."""
    over_http = (await api.ask(who, document, **variables)).get("errors", [])
    async with api.connected(who) as socket:
        await subscribe(socket, document, **variables)
        payload = (await receive(socket))["payload"]
    over_socket = payload if isinstance(payload, list) else payload.get("errors", [])
    return {error["extensions"]["code"] for error in over_http + over_socket}


TEXTS = [NUL, f"a{NUL}b", "\\u0000", "\uffff", "\u202e" * 50, "x" * 10_000, ""]


async def inputs(owner: models.User, text: str) -> dict[str, Json]:
    """The input of every mutation, with this text in every text field."""
    member = await models.Membership.get(user_id=owner.id).prefetch_related("account")
    here = f"loc_{(await make.location(member.account)).id.hex}"
    return {
        "inviteCustomer": {
            "locationId": here,
            "firstName": text,
            "lastName": text,
            "email": text,
            "phone": text,
            "employee": text,
            "service": text,
            "source": text,
            "channels": ["EMAIL"],
        },
        "stopInvitation": {"invitationId": text, "reason": "OTHER"},
        "restartInvitation": {"invitationId": text},
        "bulkImport": {
            "locationId": here,
            "name": text,
            "uploadId": text,
            "mapping": [{"column": text, "field": "EMAIL"}],
            "channels": ["EMAIL"],
            "idempotencyKey": text,
        },
        "recordReview": {
            "locationId": here,
            "platform": text,
            "externalId": text,
            "reviewerName": text,
            "reviewedOn": "2026-05-01T10:00:00Z",
            "text": text,
        },
    }


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
async def test_a_nasty_text_in_a_mutation_is_stored_or_refused(api: Api, owner: models.User, text: str) -> None:
    for name, given in (await inputs(owner, text)).items():
        kind = f"{name[0].upper()}{name[1:]}Input!"
        document = f"mutation ($input: {kind}) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
        assert await refusals(api, owner, document, {"input": given}) <= {"BAD_USER_INPUT"}, name


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
async def test_a_nasty_text_in_a_query_finds_nothing_or_is_refused(api: Api, owner: models.User, text: str) -> None:
    document = """query ($text: String!, $id: ID!) {
      node(id: $id) { id } nodes(ids: [$id]) { id } agency(id: $id) { id }
      other: account(id: $id) { id }
      account { location(id: $id) { id } customer(id: $id) { id } bulkImport(id: $id) { id }
        searched: customers(search: $text) { edges { cursor } }
        bySource: customers(filter: {sources: [$text], bulkImportId: $id}) { totalCount { value } }
        byLocation: customers(filter: {locationIds: [$id]}) { edges { cursor } }
        after: customers(after: $text) { edges { cursor } } usage(locationId: $id) { remaining } } }"""
    variables = {"text": text, "id": text}
    assert await refusals(api, owner, document, variables) <= {"BAD_USER_INPUT"}


async def test_a_viewer_gains_no_permissions_by_it(api: Api) -> None:
    viewer = await make.member(await make.account(), Role.VIEWER)
    document = "mutation ($input: StopInvitationInput!) { stopInvitation(input: $input) { userErrors { code } } }"
    codes = await refusals(api, viewer, document, {"input": {"invitationId": NUL, "reason": "OTHER"}})
    assert codes <= {"FORBIDDEN", "BAD_USER_INPUT"}
