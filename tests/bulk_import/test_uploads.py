"""Uploads: complete, slow, too large, or interrupted."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from tortoise.context import TortoiseContext

import models
from bulk_import import storage, uploads
from bulk_import.uploads import Patience, Uploader
from models.clock import clock
from models.connection import WORK, fetch, pool
from models.rules import ids
from plaudit import run
from plaudit.database import config
from plaudit.masking import report
from tests import factories as make
from tests.conftest import ADDRESS, make_database

pytestmark = pytest.mark.usefixtures("db")
WAIT_SECONDS = 20.0


@dataclass
class Connection:
    """A connection that sends a request body in chunks."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    port: int
    head: str = ""

    async def another(self) -> "Connection":
        """Begins another upload to the same gateway."""
        return Connection(*await begin_upload(self.port), self.port)

    async def send(self, part: bytes) -> None:
        self.writer.write(b"%x\r\n%s\r\n" % (len(part), part))
        await self.writer.drain()

    async def answer(self) -> tuple[int, str]:
        """The response, read until the gateway closes the connection."""
        async with asyncio.timeout(WAIT_SECONDS):
            self.head, _, body = (await self.reader.read()).decode().partition("\r\n\r\n")
        return int(self.head.split()[1]), body


async def begin_upload(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "POST /uploads HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head.encode())
    return reader, writer


@asynccontextmanager
async def connect(account: models.Account, patience: Patience, max_bytes: int = 5_000_000) -> AsyncIterator[Connection]:
    """A connection to a gateway that only serves uploads, without authentication."""

    async def authenticate(_request: Request) -> Uploader | Response:
        return Uploader(account.id, account.id, max_bytes)

    listening, stop = run.listening("127.0.0.1", 0), asyncio.Event()
    port = listening.getsockname()[1]
    app = Starlette(routes=uploads.routes(authenticate, report, patience))
    gateway = asyncio.create_task(run.run([run.gateway(app, listening)], stop))
    reader, writer = await begin_upload(port)
    yield Connection(reader, writer, port)
    writer.close()
    stop.set()
    await asyncio.wait_for(gateway, WAIT_SECONDS)


async def upload_sizes(account: models.Account) -> list[int]:
    """The sizes of an account's uploads; fails if one is incomplete."""
    rows = await fetch(pool(WORK), "select size from upload where account_id = $1", account.id)
    return [int(row["size"]) for row in rows]


async def until_stored(account: models.Account, pieces: int) -> None:
    text = "select 1 from upload_piece p join upload u on u.id = p.upload_id where u.account_id = $1"
    async with asyncio.timeout(WAIT_SECONDS):
        while len(await fetch(pool(WORK), text, account.id)) < pieces:
            await asyncio.sleep(0.02)


async def test_an_upload_is_stored_completely() -> None:
    account = await make.account()
    body = [b"x" * 700_000, b"y" * 700_000]
    async with connect(account, Patience()) as connection:
        for part in [*body, b""]:
            await connection.send(part)
        connection.writer.write_eof()
        status, answer = await connection.answer()
    assert status == 201
    key = ids.parse_id(ids.UPLOAD, json.loads(answer)["uploadId"])
    assert key is not None
    assert [await storage.read_piece(key, number) for number in range(3)] == [
        b"".join(body)[: storage.PIECE],
        b"".join(body)[storage.PIECE :],
        None,
    ]


async def test_a_silent_upload_is_408_and_deleted() -> None:
    account = await make.account()
    async with connect(account, Patience(silence=1.0)) as connection:
        await connection.send(b"x" * storage.PIECE)
        await until_stored(account, 1)
        answer = await connection.answer()
    assert answer == (408, "Nothing arrived for 1 seconds; send the file again.")
    assert await upload_sizes(account) == []


async def test_an_endless_upload_is_408_and_deleted() -> None:
    account = await make.account()
    async with connect(account, Patience(whole=1.0)) as connection:

        async def trickle() -> None:
            while True:
                await connection.send(b"x")
                await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        status, message = await connection.answer()
        trickling.cancel()
        await asyncio.wait([trickling])
    assert (status, message.startswith("The file did not arrive within 1 seconds")) == (408, True)
    assert await upload_sizes(account) == []


async def test_a_fifth_concurrent_upload_of_a_user_is_429() -> None:
    account = await make.account()
    async with connect(account, Patience()) as first:
        others = [await first.another() for _ in range(uploads.MAX_AT_ONCE_OF_USER - 1)]
        for upload in (first, *others):
            await upload.send(b"x" * storage.PIECE)
        await until_stored(account, len(others) + 1)
        fifth = await first.another()
        status, words = await fifth.answer()
        assert (status, "Too many uploads" in words) == (429, True)
        for other in (*others, fifth):
            other.writer.close()
            await other.writer.wait_closed()


async def test_an_account_that_has_uploaded_too_much_in_a_day_is_429() -> None:
    account, now = await make.account(), clock.now()
    most = uploads.FILES_PER_DAY * 1_000_000
    for size, age in ((most - 1, 1), (1, 2), (most, 25)):
        created = now - timedelta(hours=age)
        await models.Upload.create(account_id=account.id, size=size, created_at=created, keep_until=now)
    async with connect(account, Patience(), max_bytes=1_000_000) as connection:
        await connection.send(b"Name")
        status, words = await connection.answer()
        assert (status, "20 MB in the last 24 hours" in words) == (429, True)


async def test_an_upload_is_deleted_after_a_disconnect() -> None:
    account = await make.account()
    async with connect(account, Patience()) as connection:
        await connection.send(b"x" * storage.PIECE)
        await until_stored(account, 1)
        connection.writer.close()
        async with asyncio.timeout(WAIT_SECONDS):
            while await fetch(pool(WORK), "select 1 from upload where account_id = $1", account.id):
                await asyncio.sleep(0.02)


async def test_an_upload_that_is_too_large_is_413_and_deleted() -> None:
    account = await make.account()
    async with connect(account, Patience(), max_bytes=2_000_000) as connection:
        for part in [b"x" * 1_500_000, b"x" * 1_500_000, b""]:
            await connection.send(part)
        connection.writer.write_eof()
        answer = await connection.answer()
    assert answer == (413, "The plan accepts files up to 2 MB; split the list.")
    assert await upload_sizes(account) == []


async def test_a_database_lost_during_an_upload_is_503_with_retry_after(worker_id: str) -> None:
    name = f"plaudit_uploads_{worker_id}"
    url = await make_database(name)
    async with TortoiseContext() as context:
        await context.init(config=config(url, size=2))
        account = await make.account()
        async with connect(account, Patience()) as connection:
            await connection.send(b"x" * storage.PIECE)
            await until_stored(account, 1)
            other = await asyncpg.connect(os.environ[ADDRESS])
            await other.execute(f"drop database {name} with (force)")
            await other.close()
            await connection.send(b"x" * storage.PIECE)
            status, message = await connection.answer()
    assert (status, message) == (503, "The database cannot be reached at the moment; send the file again shortly.")
    assert "retry-after: 5" in connection.head


async def test_an_unexpected_error_is_500_with_the_id_of_the_logged_error(caplog: pytest.LogCaptureFixture) -> None:
    """The account does not exist."""
    async with connect(models.Account(id=ids.uuid7()), Patience()) as connection:
        status, message = await connection.answer()
    assert status == 500
    assert f"error {message.rpartition(' ')[2].rstrip('.')}: ForeignKeyViolationError" in caplog.text
