"""Unused connections are closed in time and do not block others."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from plaudit import run
from plaudit.connections import Limits, raise_open_files

WAIT_SECONDS = 15.0
HEADER_SECONDS = 0.5
HALF = b"POST /answer HTTP/1.1\r\nHost: x\r\nX-Half: "
WHOLE = b"GET /answer HTTP/1.1\r\nHost: x\r\n\r\n"
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Listener:
    """A gateway's server with a small app, and the connections opened to it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.release, self.given_up = asyncio.Event(), asyncio.Event()
        self.opened: list[asyncio.StreamWriter] = []

    async def open(self, first: bytes = b"") -> Pair:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.opened.append(writer)
        writer.write(first)
        await writer.drain()
        return reader, writer

    async def answer(self) -> int:
        async with httpx.AsyncClient(timeout=WAIT_SECONDS) as client:
            return (await client.get(f"http://127.0.0.1:{self.port}/answer")).status_code


@asynccontextmanager
async def serving(limits: Limits) -> AsyncIterator[Listener]:
    sock = run.listening("127.0.0.1", 0, unread_seconds=1)
    listener = Listener(sock.getsockname()[1])

    async def answer(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("answered")

    async def slow(_request: Request) -> PlainTextResponse:
        await listener.release.wait()
        return PlainTextResponse("answered late")

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 1_000_000
                await asyncio.sleep(0)
        finally:
            listener.given_up.set()

    async def long(_request: Request) -> StreamingResponse:
        return StreamingResponse(endless())

    async def body(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"{len(await request.body())} bytes")

    routes = [Route("/answer", answer, methods=["GET", "POST"]), Route("/slow", slow), Route("/long", long)]
    routes.append(Route("/body", body, methods=["POST"]))
    app = Starlette(routes=routes)
    stop = asyncio.Event()
    up = asyncio.create_task(run.run([run.gateway(app, sock, limits)], stop))
    try:
        yield listener
    finally:
        listener.release.set()
        for writer in listener.opened:
            writer.close()
        stop.set()
        await asyncio.wait_for(up, WAIT_SECONDS)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async with serving(Limits(max_open=1000, backlog=256, header_seconds=HEADER_SECONDS)) as made:
        yield made


async def wait_until_closed(reader: asyncio.StreamReader) -> None:
    """Waits until the other side closes."""
    async with asyncio.timeout(WAIT_SECONDS):
        with suppress(ConnectionError):
            while await reader.read(65536):
                pass


@pytest.mark.parametrize("sent", [b"", b"GET /ans", HALF], ids=["nothing", "half a line", "half a header"])
async def test_an_incomplete_request_is_closed(listener: Listener, sent: bytes) -> None:
    reader, _ = await listener.open(sent)
    await wait_until_closed(reader)


async def test_a_slowly_sent_header_is_closed(listener: Listener) -> None:
    reader, writer = await listener.open(HALF)

    async def drip() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(HEADER_SECONDS / 10)

    dripping = asyncio.create_task(drip())
    await wait_until_closed(reader)
    dripping.cancel()


async def test_a_second_request_has_the_same_time_limit(listener: Listener) -> None:
    reader, writer = await listener.open(WHOLE)
    assert await reader.readuntil(b"answered")
    await asyncio.sleep(HEADER_SECONDS * 2)  # idle between requests, which has another limit
    writer.write(HALF)
    await wait_until_closed(reader)


async def test_a_request_being_answered_is_not_closed(listener: Listener) -> None:
    reader, _ = await listener.open(WHOLE.replace(b"/answer", b"/slow"))
    await asyncio.sleep(HEADER_SECONDS * 2)  # nothing must happen meanwhile
    listener.release.set()
    assert await asyncio.wait_for(reader.readuntil(b"answered late"), WAIT_SECONDS)


async def test_an_idle_connection_is_closed() -> None:
    async with serving(Limits(max_open=10, backlog=16, idle_seconds=1)) as listener:
        reader, _ = await listener.open(WHOLE)
        assert await reader.readuntil(b"answered")
        await wait_until_closed(reader)


async def test_an_unread_body_is_not_waited_for(listener: Listener) -> None:
    reader, writer = await listener.open(b"POST /answer HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx")
    assert await reader.readuntil(b"answered")
    writer.write(b"x")
    await wait_until_closed(reader)


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux supports this")
async def test_a_client_that_does_not_read_its_response_is_dropped(listener: Listener) -> None:
    with socket.create_connection(("127.0.0.1", listener.port)) as one:
        one.sendall(WHOLE.replace(b"/answer", b"/long"))
        await asyncio.wait_for(listener.given_up.wait(), WAIT_SECONDS)


async def test_a_thousand_incomplete_requests_do_not_delay_others() -> None:
    async with serving(Limits(max_open=400, backlog=256)) as listener:
        half = [await listener.open(HALF) for _ in range(1000)]
        assert await listener.answer() == 200
        still = [reader for reader, _ in half if not reader.at_eof() and reader.exception() is None]
        assert len(still) <= 400


async def test_a_body_that_does_not_arrive_makes_room_for_others() -> None:
    unfinished = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx"
    async with serving(Limits(max_open=3, backlog=16)) as listener:
        half = [await listener.open(unfinished) for _ in range(3)]
        assert await listener.answer() == 200
        assert await half[0][0].read() == b""


async def test_when_all_connections_are_busy_another_one_gets_503() -> None:
    async with serving(Limits(max_open=3, backlog=16)) as listener:
        busy = [await listener.open(WHOLE.replace(b"/answer", b"/slow")) for _ in range(3)]
        assert await listener.answer() == 503
        listener.release.set()
        for reader, writer in busy:
            assert await reader.readuntil(b"answered late")
            writer.close()
        assert await listener.answer() == 200


@pytest.fixture
def few_files() -> Iterator[int]:
    """Sets the soft limit below the hard one."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1] - 1, before[1]))
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_limit_of_open_files_is_raised(few_files: int) -> None:
    assert raise_open_files() == few_files
