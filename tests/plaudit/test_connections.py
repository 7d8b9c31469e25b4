"""Unused connections are closed in time and do not block others."""

import asyncio
import gc
import resource
import socket
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from plaudit import run
from plaudit.connections import MAX_HEAD, Limits, _Connection, raise_open_files

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

    async def watched(request: Request) -> PlainTextResponse:
        await request.body()
        watching = asyncio.ensure_future(request.receive())
        await asyncio.wait([watching], timeout=0.02)
        watching.cancel()
        return PlainTextResponse("watched")

    async def headers(request: Request) -> PlainTextResponse:
        await request.body()
        return PlainTextResponse(f"{request.headers.keys()}!")

    routes = [Route("/answer", answer, methods=["GET", "POST"]), Route("/slow", slow), Route("/long", long)]
    routes += [Route("/body", body, methods=["POST"]), Route("/headers", headers, methods=["POST"])]
    routes.append(Route("/watched", watched))
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


async def closed(reader: asyncio.StreamReader) -> None:
    """Waits until the other side closes."""
    with suppress(ConnectionError):
        while await reader.read(65536):
            pass


async def in_time(event: Awaitable[object]) -> bool:
    """Whether this happens soon."""
    try:
        await asyncio.wait_for(event, WAIT_SECONDS)
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize("sent", [b"", b"GET /ans", HALF], ids=["nothing", "half a line", "half a header"])
async def test_an_incomplete_request_is_closed(listener: Listener, sent: bytes) -> None:
    reader, _ = await listener.open(sent)
    assert await in_time(closed(reader))


async def test_a_slowly_sent_header_is_closed(listener: Listener) -> None:
    reader, writer = await listener.open(HALF)

    async def drip() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(HEADER_SECONDS / 10)

    dripping = asyncio.create_task(drip())
    assert await in_time(closed(reader))
    dripping.cancel()


async def test_a_second_request_has_the_same_time_limit(listener: Listener) -> None:
    reader, writer = await listener.open(WHOLE)
    assert await reader.readuntil(b"answered")
    await asyncio.sleep(HEADER_SECONDS * 2)  # idle between requests, which has another limit
    writer.write(HALF)
    assert await in_time(closed(reader))


async def test_a_request_being_answered_is_not_closed(listener: Listener) -> None:
    reader, _ = await listener.open(WHOLE.replace(b"/answer", b"/slow"))
    await asyncio.sleep(HEADER_SECONDS * 2)  # nothing must happen meanwhile
    listener.release.set()
    assert await asyncio.wait_for(reader.readuntil(b"answered late"), WAIT_SECONDS)


async def test_an_idle_connection_is_closed() -> None:
    async with serving(Limits(max_open=10, backlog=16, idle_seconds=1)) as listener:
        reader, _ = await listener.open(WHOLE)
        assert await reader.readuntil(b"answered")
        assert await in_time(closed(reader))


async def test_an_unread_body_is_not_waited_for(listener: Listener) -> None:
    reader, writer = await listener.open(b"POST /answer HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx")
    assert await reader.readuntil(b"answered")
    writer.write(b"x")
    assert await in_time(closed(reader))


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 2 * MAX_HEAD,
        b"GET / HTTP/1.1\r\n" + b"x-a: b\r\n" * (MAX_HEAD // 4),
        HALF + b"a" * 2 * MAX_HEAD,
    ],
    ids=["address", "many headers", "one header"],
)
async def test_a_head_that_is_too_long_is_refused(listener: Listener, head: bytes) -> None:
    reader, _ = await listener.open(head)
    async with asyncio.timeout(WAIT_SECONDS):
        assert (await reader.readline()).startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize("endless", [b"1;" + b"a" * 50, b"0\r\n" + b"x-a: b\r\n" * 50], ids=["chunk size", "trailers"])
async def test_a_chunk_without_end_is_closed(listener: Listener, endless: bytes) -> None:
    reader, writer = await listener.open(
        b"POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + endless
    )
    more = endless.partition(b"\r\n")[2] or endless
    with suppress(ConnectionError):
        for _ in range(3 * MAX_HEAD // len(more)):
            writer.write(more)
            await writer.drain()
    assert await in_time(closed(reader))


async def test_requests_that_are_sent_together_are_answered_in_turn(listener: Listener) -> None:
    body = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
    reader, _ = await listener.open(WHOLE.replace(b"/answer", b"/slow") + body + WHOLE)
    listener.release.set()
    async with asyncio.timeout(WAIT_SECONDS):
        for answer in (b"answered late", b"3 bytes", b"answered"):
            assert await reader.readuntil(answer)


BODY = b"POST /body HTTP/1.1\r\nHost: x\r\n"
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
"""As curl and Java send it with their first request."""


@pytest.mark.parametrize(
    "rest",
    [b"Content-Length: 3\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"],
    ids=["length", "chunked"],
)
async def test_requests_that_offer_http_2_are_answered(listener: Listener, rest: bytes) -> None:
    request = b"POST /body HTTP/1.1\r\nHost: x\r\n" + OFFER + rest
    reader, writer = await listener.open(request + WHOLE.replace(b"\r\n", b"\r\n" + OFFER, 1) + request[:-5])
    async with asyncio.timeout(WAIT_SECONDS):
        for answer in (b"3 bytes", b"answered"):
            assert await reader.readuntil(answer)
        writer.write(request[-5:])
        assert await reader.readuntil(b"3 bytes")


@pytest.mark.parametrize(
    "sent",
    [
        b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"GET\r\n\r\n",
        b"GET /answer\r\n\r\n",
        b"GET /answer HTTP/1.1\r\n\r\n",
        BODY + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        BODY + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        BODY + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_refused(listener: Listener, sent: bytes) -> None:
    reader, _ = await listener.open(sent)
    async with asyncio.timeout(WAIT_SECONDS):
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
    assert await listener.answer() == 200


GARBAGE = b"GARBAGE\0\r\n\r\n"
HANDSHAKE = (
    b"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)


@pytest.mark.parametrize("first", [WHOLE.replace(b"/answer", b"/slow"), BODY + b"Content-Length: 3\r\n\r\nabc"])
@pytest.mark.parametrize(
    ("second", "status"), [(GARBAGE, b"400"), (HANDSHAKE + b"\r\n", b"403"), (WHOLE, b"200")], ids=["400", "403", "200"]
)
async def test_what_follows_a_request_waits_for_its_answer(
    listener: Listener, first: bytes, second: bytes, status: bytes
) -> None:
    reader, writer = await listener.open(first + second[:5])
    await asyncio.sleep(0.05)  # nothing may be answered meanwhile
    writer.write(second[5:])
    listener.release.set()
    async with asyncio.timeout(WAIT_SECONDS):
        for expected in (b"200", status):
            assert (await reader.readuntil(b"\r\n")).split()[1] == expected
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split()[0]))


def held_bytes() -> list[int]:
    """What each connection holds behind the request that is being answered."""
    # isinstance would ask proxies, also those of what no longer exists.
    return [one.unread for one in gc.get_objects() if issubclass(type(one), _Connection)]


async def test_what_is_sent_behind_a_request_is_held_back(listener: Listener) -> None:
    reader, writer = await listener.open(WHOLE.replace(b"/answer", b"/watched"))
    many = WHOLE.replace(b"/answer", b"/watched") * 10_000
    for _ in range(30):
        writer.write(many)
        assert await asyncio.wait_for(reader.readuntil(b"watched"), WAIT_SECONDS)
    held = held_bytes()
    assert held
    assert sum(held) < 1_000_000


@pytest.mark.parametrize(
    "more",
    [
        b"Content-Length: 3\r\n\r\nabc",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"X: " + b"a" * 20_000 + b"\r\n\r\n",
    ],
    ids=["length", "chunked", "long head"],
)
async def test_a_handshake_that_cannot_be_read_is_refused(listener: Listener, more: bytes) -> None:
    reader, _ = await listener.open(HANDSHAKE + more)
    async with asyncio.timeout(WAIT_SECONDS):
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        await reader.read()


async def test_trailers_are_not_headers(listener: Listener) -> None:
    end = b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Secret: late\r\n\r\n"
    reader, _ = await listener.open(BODY.replace(b"/body", b"/headers") + b"X-Open: early\r\n" + end)
    async with asyncio.timeout(WAIT_SECONDS):
        await reader.readuntil(b"\r\n\r\n")
        found = await reader.readuntil(b"!")
    assert b"x-open" in found
    assert b"x-secret" not in found


async def test_a_disconnect_reaches_the_request_before_one_that_waits(listener: Listener) -> None:
    _, writer = await listener.open(WHOLE.replace(b"/answer", b"/long") + WHOLE)
    await asyncio.sleep(0)
    writer.close()
    assert await in_time(listener.given_up.wait())


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux supports this")
async def test_a_client_that_does_not_read_its_response_is_dropped(listener: Listener) -> None:
    with socket.create_connection(("127.0.0.1", listener.port)) as one:
        one.sendall(WHOLE.replace(b"/answer", b"/long"))
        assert await in_time(listener.given_up.wait())


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
