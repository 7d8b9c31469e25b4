"""In production, errors and introspection reveal neither schema nor names, unless PLAUDIT_INTROSPECTION is on."""

from typing import Any

import models
from tests import factories as make
from tests.gateway import Api, receive, running, settings, subscribe

PRODUCTION = {
    "env": "production",
    "secret": "c27be4905ad1f83660947e2bd83fa51c",
    "base_url": "https://reviews.example.com",
    "smtp_url": "smtp://relay.example.com",
}
ASK = "{ __schema { queryType { name } } }"


async def answers(api: Api, who: models.User) -> list[object]:
    """The error codes or data, over HTTP and on a websocket."""
    over_http = await api.ask(who, ASK)
    async with api.connected(who) as socket:
        await subscribe(socket, ASK)
        payload = (await receive(socket))["payload"]
    found = over_http.get("errors") or over_http["data"], payload if isinstance(payload, list) else payload["data"]
    return [[error["extensions"]["code"] for error in one] if isinstance(one, list) else one for one in found]


async def test_production_does_not_reveal_the_schema(db: str) -> None:
    owner = await make.member(await make.account())
    async with running(settings(db, **PRODUCTION)) as api:
        assert await answers(api, owner) == [["GRAPHQL_VALIDATION_FAILED"]] * 2


async def test_production_reveals_the_schema_if_the_setting_is_on(db: str) -> None:
    owner = await make.member(await make.account())
    async with running(settings(db, **PRODUCTION, introspection="on")) as api:
        assert await answers(api, owner) == [{"__schema": {"queryType": {"name": "Query"}}}] * 2


ORDER = "query ($order: CustomerOrder) { account { customers(orderBy: $order) { edges { cursor } } } }"
MISTYPED: list[tuple[str, dict[str, Any]]] = [
    ("{ acount { name } }", {}),
    ("{ account { customers(searhc: 5) { edges { cursor } } } }", {}),
    ('{ node(id: "x") { ... on Custome { id } } }', {}),
    ("query ($order: CustomerOrde) { account { name } }", {}),
    ("{ account { customers(orderBy: {field: INVITED_O, direction: ASC}) { edges { cursor } } } }", {}),
    ("{ account { customers(orderBy: {feild: INVITED_ON, direction: ASC}) { edges { cursor } } } }", {}),
    ("{ account @include(iff: true) { name } }", {}),
    (ORDER, {"order": {"field": "INVITED_O", "direction": "ASC"}}),
    (ORDER, {"order": {"field": "INVITED_ON", "directoin": "ASC", "direction": "ASC"}}),
    ("{ account @inclde(if: true) { name } }", {}),
    ('subscription { importProgres(bulkImportId: "x") { seq } }', {}),
]
"""The last two have no suggestions over HTTP in any case."""


async def messages(api: Api, who: models.User, document: str, variables: dict[str, Any]) -> list[str]:
    """The error messages, over HTTP and on a websocket."""
    over_http = (await api.ask(who, document, **variables))["errors"]
    async with api.connected(who) as socket:
        await subscribe(socket, document, **variables)
        payload = (await receive(socket))["payload"]
    over_socket = payload if isinstance(payload, list) else payload["errors"]
    return [error["message"] for error in over_http + over_socket]


async def test_production_suggests_no_names(db: str) -> None:
    owner = await make.member(await make.account())
    async with running(settings(db, **PRODUCTION)) as api:
        for document, variables in MISTYPED:
            assert not [one for one in await messages(api, owner, document, variables) if "Did you mean" in one]


async def test_names_are_suggested_if_introspection_is_on(api: Api) -> None:
    owner = await make.member(await make.account())
    for document, variables in MISTYPED[:-2]:
        assert [one for one in await messages(api, owner, document, variables) if "Did you mean" in one], document
