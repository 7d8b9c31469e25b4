"""Connections that are opened and not used: closed in time, and never in the way of others."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from time import monotonic

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


class Door:
    """A gateway's server around a small app, to which connections are opened."""

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
async def serving(limits: Limits) -> AsyncIterator[Door]:
    sock = run.listening("127.0.0.1", 0, unread_seconds=1)
    door = Door(sock.getsockname()[1])

    async def answer(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("answered")

    async def slow(_request: Request) -> PlainTextResponse:
        await door.release.wait()
        return PlainTextResponse("answered late")

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 1_000_000
                await asyncio.sleep(0)
        finally:
            door.given_up.set()

    async def long(_request: Request) -> StreamingResponse:
        return StreamingResponse(endless())

    routes = [Route("/answer", answer, methods=["GET", "POST"]), Route("/slow", slow), Route("/long", long)]
    app = Starlette(routes=routes)
    stop = asyncio.Event()
    up = asyncio.create_task(run.run([run.gateway(app, sock, limits)], stop))
    try:
        yield door
    finally:
        door.release.set()
        for writer in door.opened:
            writer.close()
        stop.set()
        await asyncio.wait_for(up, WAIT_SECONDS)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with serving(Limits(most=1000, backlog=256, header_seconds=HEADER_SECONDS)) as made:
        yield made


async def closed_after(reader: asyncio.StreamReader) -> float:
    """Seconds until the other side closes."""
    began = monotonic()
    async with asyncio.timeout(WAIT_SECONDS):
        try:
            while await reader.read(65536):
                pass
        except ConnectionError:
            pass
    return monotonic() - began


@pytest.mark.parametrize("sent", [b"", b"GET /ans", HALF], ids=["nothing", "half a line", "half a header"])
async def test_a_request_that_does_not_become_whole_is_closed(door: Door, sent: bytes) -> None:
    reader, _ = await door.open(sent)
    assert HEADER_SECONDS / 2 < await closed_after(reader) < HEADER_SECONDS + 1


async def test_a_header_that_drips_is_closed_as_soon(door: Door) -> None:
    reader, writer = await door.open(HALF)

    async def drip() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(HEADER_SECONDS / 10)

    dripping = asyncio.create_task(drip())
    assert await closed_after(reader) < HEADER_SECONDS + 1
    dripping.cancel()


async def test_a_second_request_has_as_long_as_the_first(door: Door) -> None:
    reader, writer = await door.open(WHOLE)
    assert await reader.readuntil(b"answered")
    await asyncio.sleep(HEADER_SECONDS * 2)  # idle between requests, for which there is another limit
    writer.write(HALF)
    assert HEADER_SECONDS / 2 < await closed_after(reader) < HEADER_SECONDS + 1


async def test_a_request_in_hand_is_not_cut_off(door: Door) -> None:
    reader, _ = await door.open(WHOLE.replace(b"/answer", b"/slow"))
    await asyncio.sleep(HEADER_SECONDS * 2)  # what is proved is that nothing happens meanwhile
    door.release.set()
    assert await asyncio.wait_for(reader.readuntil(b"answered late"), WAIT_SECONDS)


async def test_a_connection_between_requests_is_closed_in_time() -> None:
    async with serving(Limits(most=10, backlog=16, idle_seconds=1)) as door:
        reader, _ = await door.open(WHOLE)
        assert await reader.readuntil(b"answered")
        assert await closed_after(reader) < 2


async def test_a_body_that_nobody_reads_is_not_waited_for(door: Door) -> None:
    reader, writer = await door.open(b"POST /answer HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx")
    assert await reader.readuntil(b"answered")
    writer.write(b"x")
    assert await closed_after(reader) < HEADER_SECONDS + 1


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux alone can do this")
async def test_a_client_that_does_not_read_its_answer_is_given_up(door: Door) -> None:
    with socket.create_connection(("127.0.0.1", door.port)) as one:
        one.sendall(WHOLE.replace(b"/answer", b"/long"))
        await asyncio.wait_for(door.given_up.wait(), WAIT_SECONDS)


async def test_a_thousand_half_open_connections_keep_nobody_waiting() -> None:
    async with serving(Limits(most=400, backlog=256)) as door:
        half = [await door.open(HALF) for _ in range(1000)]
        began = monotonic()
        assert await door.answer() == 200
        assert monotonic() - began < 1
        still = [reader for reader, _ in half if not reader.at_eof() and reader.exception() is None]
        assert len(still) <= 400


async def test_where_all_connections_are_busy_another_one_is_told_to_come_back() -> None:
    async with serving(Limits(most=3, backlog=16)) as door:
        busy = [await door.open(WHOLE.replace(b"/answer", b"/slow")) for _ in range(3)]
        assert await door.answer() == 503
        door.release.set()
        for reader, writer in busy:
            assert await reader.readuntil(b"answered late")
            writer.close()
        assert await door.answer() == 200


@pytest.fixture
def few_files() -> Iterator[int]:
    """A soft limit below the hard one."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1] - 1, before[1]))
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_limit_of_open_files_is_raised(few_files: int) -> None:
    assert raise_open_files() == few_files
