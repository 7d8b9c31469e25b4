"""One timer limits the time of a request's body and of its operation, and ends it with its client; at most one response is sent."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from starlette.responses import Response

import models
from plaudit import edge
from tests import factories as make
from tests.gateway import Api
from tests.plaudit.test_limits import SLOW, slow_gateway

WAIT_SECONDS = 5


async def never() -> Any:
    await asyncio.Event().wait()


async def disconnected() -> Any:
    return {"type": "http.disconnect"}


def refuse() -> Response:
    return Response(status_code=504)


@pytest.fixture
async def owner(db: str) -> models.User:
    return await make.member(await make.account())


async def answer_to(api: Api, *parts: bytes) -> bytes:
    """The first line of the answer to what is sent."""
    reader, writer = await asyncio.open_connection(api.client.base_url.host, api.client.base_url.port)
    try:
        for part in parts:
            writer.write(part)
        return await asyncio.wait_for(reader.readline(), WAIT_SECONDS)
    finally:
        writer.close()


async def test_a_body_that_does_not_arrive_is_refused(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "BODY_SECONDS", 0.1)
    head = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"
    async with slow_gateway(db) as api:
        assert await answer_to(api, head, b'{"query"') == b"HTTP/1.1 408 Request Timeout\r\n"


async def test_the_time_of_the_body_is_not_that_of_the_operation(
    db: str, owner: models.User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "BODY_SECONDS", 0.2)
    async with slow_gateway(db, field_seconds=0.5) as api:
        found = [await api.post(owner, {"query": SLOW}) for _ in range(3)]
    assert [one.status_code for one in found] == [200] * 3


async def test_when_the_time_is_up_the_block_ends_and_is_refused() -> None:
    async with asyncio.timeout(WAIT_SECONDS), edge.Deadline(never) as deadline:
        deadline.allow(0.01, refuse)
        await asyncio.Event().wait()
    found = deadline.refusal()
    assert found
    assert found.status_code == 504


async def test_a_block_that_responds_although_its_time_is_up_is_not_refused() -> None:
    async with edge.Deadline(never) as deadline:
        deadline.allow(0.01, refuse)
        with suppress(asyncio.CancelledError):  # as where another error takes its place
            await asyncio.Event().wait()
        deadline.lift()
    assert deadline.refusal() is None


async def test_time_that_is_lifted_is_not_up() -> None:
    async with edge.Deadline(never) as deadline:
        deadline.allow(0.01, refuse)
        deadline.lift()
        await asyncio.sleep(0.05)
    assert deadline.refusal() is None


async def test_a_disconnect_ends_the_block_without_a_response_whatever_is_allowed_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edge, "WATCHED_AFTER_SECONDS", 0)
    async with asyncio.timeout(WAIT_SECONDS), edge.Deadline(disconnected) as deadline:
        deadline.watch(unless=lambda: False)
        deadline.allow(60, refuse)
        while not deadline._has_disconnected:
            await asyncio.sleep(0)
        deadline.allow(60, refuse)
        await asyncio.Event().wait()
    assert deadline.refusal() is None


async def test_an_error_in_the_block_is_raised() -> None:
    for error in (ValueError("mine"), TimeoutError("mine")):
        with pytest.raises(type(error), match="mine"):
            await failing(error)


async def failing(error: Exception) -> None:
    async with edge.Deadline(never) as deadline:
        deadline.allow(60, refuse)
        raise error


async def test_a_client_that_disconnects_when_its_answer_is_ready_raises_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edge, "WATCHED_AFTER_SECONDS", 0)
    gone, answer = asyncio.Event(), asyncio.Event()

    async def receive() -> Any:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def respond() -> None:
        async with edge.Deadline(receive) as deadline:
            deadline.watch(unless=lambda: False)
            await answer.wait()

    responding = asyncio.create_task(respond())
    await asyncio.sleep(0.05)
    gone.set()
    answer.set()
    ended, _ = await asyncio.wait([responding], timeout=WAIT_SECONDS)
    assert [(one.cancelled(), one.cancelled() or one.exception()) for one in ended] == [(False, None)]
