"""Problems are logged once, and so is their end."""

import asyncio
import logging
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import httpx
import pytest
from tortoise.context import TortoiseContext

from models.connection import WORK
from plaudit.database import config
from plaudit.readiness import WrongDatabaseError
from plaudit.settings import Settings
from plaudit.watch import Watch
from tests.conftest import make_database
from tests.gateway import SECRET, settings
from wire.counts import OwnCounts

NOWHERE = "postgresql://me:hunter2@127.0.0.1:1/none"
WAIT_SECONDS = 30.0


@asynccontextmanager
async def watching(by: Settings) -> AsyncIterator[Watch]:
    """A watch with its own database context."""
    async with TortoiseContext() as context:
        await context.init(config=config(by.database_url, size=1))
        yield Watch(by, [WORK])


def record(**extra: object) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "test", "msg": "retrying"} | extra)


async def test_a_problem_and_its_solution_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with watching(settings(NOWHERE)) as watch:
        await watch.check()
        await watch.check()
        assert not watch.usable.is_set()
        watch.report("database", None)
        watch.report("database", None)
    assert [(one.levelname, one.getMessage().partition(" at ")[0]) for one in caplog.records] == [
        ("ERROR", "PostgreSQL"),
        ("INFO", "database: works again"),
    ]


async def test_of_several_processes_one_logs_a_problem_and_its_solution(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    counts = OwnCounts()
    one, other = [Watch(settings(NOWHERE), [WORK], counts) for _ in range(2)]
    for watch, problem in ((one, "down"), (other, "down"), (other, None), (one, "full"), (one, None), (other, "down")):
        watch.report("database", problem)
    assert [line.getMessage() for line in caplog.records] == ["down", "full", "database: works again", "down"]


async def test_a_different_problem_is_logged_again(caplog: pytest.LogCaptureFixture) -> None:
    async with watching(settings(NOWHERE)) as watch:
        for cause in ("one", "one", "two", "one"):
            watch.report("database", cause)
    assert [one.getMessage() for one in caplog.records] == ["one", "two", "one"]


async def test_only_lines_about_a_lost_connection_are_replaced_by_a_check(db: str) -> None:
    async with watching(settings(db)) as watch:
        await watch.check()
        refused = asyncpg.InvalidPasswordError("no")
        assert watch.filter(record(cause=ConnectionResetError())) is False
        assert watch.filter(record(cause=refused)) is False
        assert watch.filter(record(exc_info=(type(refused), refused, None))) is False
        assert watch.filter(record(cause=KeyError("x"))) is True
        assert watch.filter(record()) is True


async def test_a_retry_triggers_an_immediate_check(db: str, caplog: pytest.LogCaptureFixture) -> None:
    stop = asyncio.Event()
    async with watching(settings(db)) as watch:
        running = asyncio.create_task(watch.run(stop))
        await asyncio.wait_for(watch.usable.wait(), WAIT_SECONDS)
        watch.filter(record(cause=ConnectionResetError()))
        async with asyncio.timeout(5):  # sooner than the next regular check
            while "lost (ConnectionResetError)" not in caplog.text:
                await asyncio.sleep(0.02)
        stop.set()
        await asyncio.wait_for(running, WAIT_SECONDS)


async def test_parts_start_once_the_database_is_usable(db: str) -> None:
    begun, stop = asyncio.Event(), asyncio.Event()

    async def part(_stop: asyncio.Event) -> None:
        begun.set()

    async with watching(settings(db)) as watch:
        waiting = asyncio.ensure_future(watch.after(part)(stop))
        await asyncio.sleep(0)
        assert not begun.is_set()
        await watch.check()
        await asyncio.wait_for(waiting, WAIT_SECONDS)
    assert begun.is_set()


async def test_parts_that_never_started_end_with_the_process() -> None:
    begun, stop = asyncio.Event(), asyncio.Event()

    async def part(_stop: asyncio.Event) -> None:
        begun.set()

    async with watching(settings(NOWHERE)) as watch:
        waiting = asyncio.ensure_future(watch.after(part)(stop))
        stop.set()
        await asyncio.wait_for(waiting, WAIT_SECONDS)
    assert not begun.is_set()


async def test_a_database_of_another_environment_ends_the_watch(db: str) -> None:
    async with watching(settings(db, env="demo")) as watch:
        with pytest.raises(WrongDatabaseError):
            await watch.run(asyncio.Event())


async def test_a_relay_is_logged_as_down_once_and_as_working_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with watching(settings(NOWHERE)) as watch:
        for error in (ConnectionRefusedError(), ConnectionRefusedError(), None, None):
            watch.report_relay(error)
    assert [one.getMessage().partition(" 127")[0] for one in caplog.records] == [
        "The mail relay",
        "mail relay: works again",
    ]


async def test_a_process_logs_what_it_waits_for_and_continues_once_it_is_available(
    worker_id: str, tmp_path: Path
) -> None:
    """Starts a gateway with a worker before `plaudit migrate`; their retries log nothing."""
    url = await make_database(f"plaudit_watch_{worker_id}", "template0")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "PLAUDIT_ENV": "development",
        "PLAUDIT_DATABASE_URL": url,
        "PLAUDIT_SECRET": SECRET,
        "PLAUDIT_JWT_SECRET": SECRET,
        "PLAUDIT_SMTP_URL": "smtp://me:hunter2@127.0.0.1:1?tls=none",
    }
    log = tmp_path / "log"

    async def start(*command: str) -> asyncio.subprocess.Process:
        with log.open("ab") as out:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "plaudit", *command, env=environment, stdout=out, stderr=out
            )

    serving = await start("serve", "--with-worker", "--port", str(port))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            waiting = await answer(client, 503)
            assert (await (await start("migrate")).wait()) == 0
            await answer(client, 200)
        async with asyncio.timeout(WAIT_SECONDS):
            while not all(words in log.read_text() for words in ("database: works again", "The mail relay")):
                await asyncio.sleep(0.05)
    finally:
        serving.terminate()
        await asyncio.wait_for(serving.wait(), WAIT_SECONDS)
    output = log.read_text()
    assert waiting.headers["retry-after"] == "1"
    assert waiting.json()["because"] in output
    levels = re.findall(r" (INFO|WARNING|ERROR) (\S+) ", output)
    assert [name for level, name in levels if level != "INFO"] == ["plaudit.watch"] * 2, output  # database and relay
    assert "run: plaudit migrate" in output
    assert "database: works again" in output
    assert "pgq" not in output
    assert "hunter2" not in output


async def answer(client: httpx.AsyncClient, status: int) -> httpx.Response:
    """The response of /readyz once it has this status."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            with suppress(httpx.TransportError):
                found = await client.get("/readyz")
                if found.status_code == status:
                    return found
            await asyncio.sleep(0.05)
