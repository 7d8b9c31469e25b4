"""In production the schema is told to nobody, by HTTP or on a websocket, unless that was asked for."""

import models
from tests import factories as make
from tests.asking import Api, receive, running, settings, subscribe

PRODUCTION = {
    "env": "production",
    "secret": "c27be4905ad1f83660947e2bd83fa51c",
    "base_url": "https://reviews.example.com",
    "smtp_url": "smtp://relay.example.com",
}
ASK = "{ __schema { queryType { name } } }"


async def answers(api: Api, who: models.User) -> list[object]:
    """The codes of the errors by HTTP and on a websocket, or the data."""
    over_http = await api.ask(who, ASK)
    async with api.greeted(who) as socket:
        await subscribe(socket, ASK)
        payload = (await receive(socket))["payload"]
    found = over_http.get("errors") or over_http["data"], payload if isinstance(payload, list) else payload["data"]
    return [[error["extensions"]["code"] for error in one] if isinstance(one, list) else one for one in found]


async def test_production_tells_no_schema(db: str) -> None:
    owner = await make.member(await make.account())
    async with running(settings(db, **PRODUCTION)) as api:
        assert await answers(api, owner) == [["GRAPHQL_VALIDATION_FAILED"]] * 2


async def test_production_tells_it_where_that_is_asked_for(db: str) -> None:
    owner = await make.member(await make.account())
    async with running(settings(db, **PRODUCTION, introspection="on")) as api:
        assert await answers(api, owner) == [{"__schema": {"queryType": {"name": "Query"}}}] * 2
