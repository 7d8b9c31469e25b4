"""Files on their way in, from senders of every kind."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from tortoise.context import TortoiseContext

import models
from bulk_import import storage, uploads
from bulk_import.uploads import Patience, Uploader
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
class Line:
    """A connection on which a body is being sent, in chunks."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: str = ""

    async def send(self, part: bytes) -> None:
        self.writer.write(b"%x\r\n%s\r\n" % (len(part), part))
        await self.writer.drain()

    async def answer(self) -> tuple[int, str]:
        """All that comes until the gateway closes."""
        async with asyncio.timeout(WAIT_SECONDS):
            self.head, _, body = (await self.reader.read()).decode().partition("\r\n\r\n")
        return int(self.head.split()[1]), body


@asynccontextmanager
async def sending(of: models.Account, patience: Patience, max_bytes: int = 5_000_000) -> AsyncIterator[Line]:
    """To a gateway that has uploads alone, and lets everybody in."""

    async def authenticate(_request: Request) -> Uploader | Response:
        return Uploader(of.id, of.id, max_bytes)

    listening, stop = run.listening("127.0.0.1", 0), asyncio.Event()
    port = listening.getsockname()[1]
    app = Starlette(routes=uploads.routes(authenticate, report, patience))
    up = asyncio.create_task(run.run([run.gateway(app, listening)], stop))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "POST /uploads HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head.encode())
    yield Line(reader, writer)
    writer.close()
    stop.set()
    await asyncio.wait_for(up, WAIT_SECONDS)


async def kept(of: models.Account) -> list[int]:
    """The sizes of an account's uploads; fails on an incomplete one."""
    rows = await fetch(pool(WORK), "select size from upload where account_id = $1", of.id)
    return [int(row["size"]) for row in rows]


async def until_stored(of: models.Account, pieces: int) -> None:
    text = "select 1 from upload_piece p join upload u on u.id = p.upload_id where u.account_id = $1"
    async with asyncio.timeout(WAIT_SECONDS):
        while len(await fetch(pool(WORK), text, of.id)) < pieces:
            await asyncio.sleep(0.02)


async def test_a_body_that_comes_in_time_is_kept_whole() -> None:
    account = await make.account()
    body = [b"x" * 700_000, b"y" * 700_000]
    async with sending(account, Patience()) as line:
        for part in [*body, b""]:
            await line.send(part)
        line.writer.write_eof()
        status, answer = await line.answer()
    assert status == 201
    key = ids.parse_id(ids.UPLOAD, json.loads(answer)["uploadId"])
    assert key is not None
    assert [await storage.read_piece(key, number) for number in range(3)] == [
        b"".join(body)[: storage.PIECE],
        b"".join(body)[storage.PIECE :],
        None,
    ]


async def test_a_sender_that_falls_silent_is_told_so_and_nothing_remains() -> None:
    account = await make.account()
    async with sending(account, Patience(silence=1.0)) as line:
        await line.send(b"x" * storage.PIECE)
        await until_stored(account, 1)
        answer = await line.answer()
    assert answer == (408, "Nothing arrived for 1 seconds; send the file again.")
    assert await kept(account) == []


async def test_a_sender_that_never_falls_silent_and_never_ends_is_told_so_and_nothing_remains() -> None:
    account = await make.account()
    async with sending(account, Patience(whole=1.0)) as line:

        async def trickle() -> None:
            while True:
                await line.send(b"x")
                await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        status, words = await line.answer()
        trickling.cancel()
        await asyncio.wait([trickling])
    assert (status, words.startswith("The file did not arrive within 1 seconds")) == (408, True)
    assert await kept(account) == []


async def test_a_sender_that_goes_away_leaves_nothing() -> None:
    account = await make.account()
    async with sending(account, Patience()) as line:
        await line.send(b"x" * storage.PIECE)
        await until_stored(account, 1)
        line.writer.close()
        async with asyncio.timeout(WAIT_SECONDS):
            while await fetch(pool(WORK), "select 1 from upload where account_id = $1", account.id):
                await asyncio.sleep(0.02)


async def test_a_file_that_is_larger_than_it_says_is_refused_and_nothing_remains() -> None:
    account = await make.account()
    async with sending(account, Patience(), max_bytes=2_000_000) as line:
        for part in [b"x" * 1_500_000, b"x" * 1_500_000, b""]:
            await line.send(part)
        line.writer.write_eof()
        answer = await line.answer()
    assert answer == (413, "The plan accepts files up to 2 MB; split the list.")
    assert await kept(account) == []


async def test_a_database_that_is_lost_on_the_way_is_503_with_when_to_try_again(worker_id: str) -> None:
    name = f"plaudit_uploads_{worker_id}"
    url = await make_database(name)
    async with TortoiseContext() as context:
        await context.init(config=config(url, size=2))
        account = await make.account()
        async with sending(account, Patience()) as line:
            await line.send(b"x" * storage.PIECE)
            await until_stored(account, 1)
            other = await asyncpg.connect(os.environ[ADDRESS])
            await other.execute(f"drop database {name} with (force)")
            await other.close()
            await line.send(b"x" * storage.PIECE)
            status, words = await line.answer()
    assert (status, words) == (503, "The database cannot be reached at the moment; send the file again shortly.")
    assert "retry-after: 5" in line.head


async def test_what_breaks_is_500_with_the_id_under_which_the_log_has_it(caplog: pytest.LogCaptureFixture) -> None:
    """Here the account is missing."""
    async with sending(models.Account(id=ids.uuid7()), Patience()) as line:
        status, words = await line.answer()
    assert status == 500
    assert f"error {words.rpartition(' ')[2].rstrip('.')}: ForeignKeyViolationError" in caplog.text
