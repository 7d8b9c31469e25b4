"""Server-sent events: any operation as a stream, continued after a lost connection, ended with its token and its gateway."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from starlette.routing import Route

import models
from models.rules.enums import BulkImportState
from plaudit import edge, event_streams, graphql, run
from plaudit.app import create_app
from tests import factories as make
from tests.gateway import WAIT_SECONDS, Api, Json, settings, token, wait_until_ready
from tests.resolvers.test_commands import STOP, invited
from tests.resolvers.test_live_timeline import FOLLOW as TIMELINE
from tests.resolvers.test_live_timeline import followed
from tests.resolvers.test_progress import FOLLOW, advance, begun
from wire.counts import OwnCounts

NAME = "{ account { name } }"


@dataclass
class Event:
    """An event as the client parses it; a comment has none of these."""

    event: str | None = None
    id: str | None = None
    data: str | None = None

    @property
    def result(self) -> Json:
        assert (self.event, self.data is not None) == ("next", True), self
        return dict(json.loads(self.data or ""))

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.result["errors"]]


COMMENT, COMPLETE = Event(), Event("complete", None, "")


class Stream:
    """A response whose events are read one by one."""

    def __init__(self, response: httpx.Response) -> None:
        self.response, self._lines = response, response.aiter_lines()

    async def read(self) -> Event:
        """The next event or comment. Raises StopAsyncIteration at the end."""
        found = Event()
        while line := await anext(self._lines):
            name, _, value = line.partition(":")
            if name:
                setattr(found, name, value.removeprefix(" "))
        return found

    async def event(self) -> Event:
        while (found := await self.read()) == COMMENT:
            pass
        return found

    async def rest(self) -> list[Event]:
        found = []
        try:
            while True:
                found.append(await self.event())
        except StopAsyncIteration:
            return found


@asynccontextmanager
async def streaming(
    api: Api, who: models.User, document: str, *, last: str | None = None, lifetime: int = 3600, **variables: object
) -> AsyncIterator[Stream]:
    headers = {
        "authorization": f"Bearer {token(who, lifetime=timedelta(seconds=lifetime))}",
        "accept": "text/event-stream",
    }
    body = {"query": document, "variables": variables}
    given = headers | ({"last-event-id": last} if last is not None else {})
    async with (
        asyncio.timeout(WAIT_SECONDS),
        api.client.stream("POST", "/graphql", json=body, headers=given) as response,
    ):
        yield Stream(response)


async def events_of(api: Api, who: models.User, document: str, **given: object) -> list[Event]:
    async with streaming(api, who, document, **given) as stream:  # type: ignore[arg-type]
        assert stream.response.status_code == 200
        return await stream.rest()


@pytest.fixture
async def owner(db: str) -> models.User:
    return await make.member(await make.account())


async def test_a_query_is_one_event_and_the_end(api: Api, owner: models.User) -> None:
    async with streaming(api, owner, NAME) as stream:
        headers = stream.response.headers
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store, no-transform", "no")
        first, last = await stream.rest()
    assert (list(first.result["data"]), first.id, last) == (["account"], None, COMPLETE)


async def test_a_mutation_is_executed_by_post_and_not_by_get(api: Api) -> None:
    location = await make.location(await make.account())
    who = await make.member(await models.Account.get(id=location.account_id))
    variables = {"input": {"invitationId": await invited(location)}}
    headers = {"authorization": f"Bearer {token(who)}", "accept": "text/event-stream"}
    parameters = {"query": STOP, "variables": json.dumps(variables)}
    refused = await api.client.get("/graphql", params=parameters, headers=headers)
    assert "Send mutations by POST." in refused.text
    assert not await models.Invitation.filter(location_id=location.id, state="STOPPED").exists()
    first, last = await events_of(api, who, STOP, **variables)
    assert (first.result["data"]["stopInvitation"]["userErrors"], last) == ([], COMPLETE)


async def test_a_subscription_can_be_sent_by_get(api: Api) -> None:
    account, key, row = await begun()
    await advance(row, state=BulkImportState.FAILED)
    headers = {"authorization": f"Bearer {token(await make.member(account))}", "accept": "text/event-stream"}
    parameters = {"query": FOLLOW, "variables": json.dumps({"id": key})}
    answer = await api.client.get("/graphql", params=parameters, headers=headers)
    assert "event: next\nid: 1\ndata: " in answer.text
    assert answer.text.endswith("event: complete\ndata:\n\n")


async def test_progress_has_its_seq_as_id_and_goes_on_after_the_last_event(api: Api) -> None:
    account, key, row = await begun()
    who = await make.member(account)
    async with streaming(api, who, FOLLOW, id=key) as stream:
        assert (await stream.event()).id == "0"
        await advance(row, invited_rows=2)
        second = await stream.event()
        assert (second.id, second.result["data"]["importProgress"]["invitedRows"]) == ("1", 2)
    await advance(row, state=BulkImportState.COMPLETED)
    assert [one.id for one in await events_of(api, who, FOLLOW, last="1", id=key)] == ["2", None]
    assert await events_of(api, who, FOLLOW, last="2", id=key) == [COMPLETE]
    assert [one.id for one in await events_of(api, who, FOLLOW, last="2", id=key, after=1)] == ["2", None]


async def test_timeline_has_the_events_id_and_goes_on_after_the_last_event(api: Api) -> None:
    customer = await followed()
    for number in (1, 2):
        await customer.record(number)
    begin, one, two = await customer.ids_of_events()
    only = "subscription ($id: ID!, $after: ID) { customerActivity(customerId: $id, after: $after) { npsScore } }"
    async with streaming(api, customer.member, only, last=begin, id=customer.id) as stream:
        assert [(await stream.event()).id for _ in range(2)] == [one, two]
    async with streaming(api, customer.member, TIMELINE, last=begin, id=customer.id, after=one) as stream:
        assert (await stream.event()).id == two


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "evt_1", "9" * 5_000])
async def test_an_unknown_last_event_id_is_bad_user_input(api: Api, last: str) -> None:
    account, key, _ = await begun()
    customer = await followed()
    for who, document, given in (
        (await make.member(account), FOLLOW, {"id": key}),
        (customer.member, TIMELINE, {"id": customer.id}),
    ):
        refused, end = await events_of(api, who, document, last=last, **given)
        assert (refused.codes, refused.id, end) == (["BAD_USER_INPUT"], None, COMPLETE)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (f"{{ account {{ {' '.join(f'a{n}: name' for n in range(101))} }} }}", "QUERY_TOO_COSTLY"),
        ("query A { __typename } query B { __typename }", "BAD_USER_INPUT"),
        ("fragment F on Query { __typename }", "BAD_USER_INPUT"),
        ('subscription { importProgress(bulkImportId: "x") { seq } }', "BAD_USER_INPUT"),
        ("subscription ($id: ID!) { importProgress(bulkImportId: $id) { seq } }", "BAD_USER_INPUT"),
    ],
)
async def test_an_operation_that_is_refused_is_an_event_with_the_error(
    api: Api, owner: models.User, document: str, code: str
) -> None:
    refused, end = await events_of(api, owner, document)
    assert (refused.codes, end) == ([code], COMPLETE)
    answer = (await api.post(owner, {"query": document})).json()
    if "importProgress" not in document:
        assert refused.result == answer


async def test_what_is_refused_before_the_operation_has_its_status(
    api: Api, owner: models.User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who, body, status in (
        (None, {"query": NAME}, 401),
        (owner, {"query": 5}, 400),
        (owner, {"query": "#" * edge.MAX_BYTES}, 413),
        (owner, {"extensions": {"persistedQuery": {}}}, 400),
    ):
        answer = await api.post(who, body, accept="text/event-stream")
        assert answer.status_code == status
    monkeypatch.setattr(graphql, "MAX_STREAMS", 0)
    answer = await api.post(owner, {"query": NAME}, accept="text/event-stream")
    assert (answer.status_code, answer.headers["content-type"]) == (429, edge.JSON)
    assert answer.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_open_streams_leave_the_members_slots_to_other_operations(api: Api) -> None:
    account, key, _ = await begun()
    who = await make.member(account)

    async def follow(ready: asyncio.Semaphore, end: asyncio.Event) -> None:
        async with streaming(api, who, FOLLOW, id=key) as stream:
            await stream.event()
            ready.release()
            await end.wait()

    ready, end = asyncio.Semaphore(0), asyncio.Event()
    open_streams = [asyncio.create_task(follow(ready, end)) for _ in range(6)]
    for _ in open_streams:
        await ready.acquire()
    assert (await api.data(who, NAME))["account"]
    end.set()
    await asyncio.gather(*open_streams)


async def test_comments_keep_an_idle_stream_open(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert event_streams.HEARTBEAT_SECONDS <= 12
    monkeypatch.setattr(event_streams, "HEARTBEAT_SECONDS", 0.1)
    account, key, _ = await begun()
    async with streaming(api, await make.member(account), FOLLOW, id=key) as stream:
        await stream.event()
        assert [await stream.read() for _ in range(3)] == [COMMENT] * 3


async def test_stream_without_an_event_yet_begins_with_a_comment(api: Api) -> None:
    customer = await followed()
    async with streaming(api, customer.member, TIMELINE, id=customer.id) as stream:
        assert await asyncio.wait_for(stream.read(), event_streams.HEARTBEAT_SECONDS / 2) == COMMENT


async def test_stream_ends_with_an_error_when_access_is_revoked(api: Api) -> None:
    customer = await followed()
    (begin,) = await customer.ids_of_events()
    await customer.record(1)
    async with streaming(api, customer.member, TIMELINE, id=customer.id, after=begin) as stream:
        assert (await stream.event()).id is not None
        await models.Membership.filter(user_id=customer.member.id).delete()
        await customer.record(2)
        refused, end = await stream.rest()
    assert (refused.id, refused.codes, end) == (None, ["BAD_USER_INPUT"], COMPLETE)


async def test_stream_ends_with_an_error_when_its_token_expires(api: Api) -> None:
    account, key, _ = await begun()
    first, refused, end = await events_of(api, await make.member(account), FOLLOW, lifetime=2, id=key)
    assert (first.id, refused.id, refused.codes, end) == ("0", None, ["UNAUTHENTICATED"], COMPLETE)
    assert "data" not in refused.result  # not found out by the next read


@dataclass
class Running:
    """A gateway of the test's own, and the event that stops it."""

    api: Api
    gateway: graphql.Gateway
    stop: asyncio.Event

    @property
    def streams(self) -> int:
        """How many are open."""
        counts = self.gateway.shared.counts
        assert isinstance(counts, OwnCounts)
        return sum(number for key, number in counts.held.items() if "streams" in str(key))


@asynccontextmanager
async def started(url: str) -> AsyncIterator[Running]:
    app = create_app(settings(url))
    (gateway,) = (one.endpoint for one in app.routes if isinstance(one, Route) and one.path == "/graphql")
    assert isinstance(gateway, graphql.Gateway)
    listening, stop = run.listening("127.0.0.1", 0), asyncio.Event()
    up = asyncio.create_task(run.run([run.gateway(app, listening)], stop))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=address, timeout=WAIT_SECONDS) as client:
        await wait_until_ready(client)
        yield Running(Api(client, ""), gateway, stop)
    stop.set()
    await asyncio.wait_for(up, WAIT_SECONDS)


async def test_subscription_ends_when_its_client_disconnects(db: str) -> None:
    account, key, _ = await begun()
    async with started(db) as own:
        async with streaming(own.api, await make.member(account), FOLLOW, id=key) as stream:
            await stream.event()
            assert own.streams == 1
        async with asyncio.timeout(5):
            while own.streams or own.gateway.shared.live.is_awaited:
                await asyncio.sleep(0.01)


async def test_stopping_gateway_ends_streams_soon_so_that_their_clients_connect_again(db: str) -> None:
    account, key, _ = await begun()
    async with started(db) as own, streaming(own.api, await make.member(account), FOLLOW, id=key) as stream:
        await stream.event()
        begin = time.monotonic()
        own.stop.set()
        async with asyncio.timeout(3):  # less than a request has to finish
            assert await stream.rest() == []  # without complete
        assert time.monotonic() - begin > event_streams.END_SECONDS / 2  # not together with the event


async def test_browsers_of_allowed_origins_can_send_the_last_event_id(api: Api) -> None:
    headers = {
        "origin": "https://front.example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,last-event-id",
    }
    assert (await api.client.options("/graphql", headers=headers)).status_code == 200
