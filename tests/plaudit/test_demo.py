"""`plaudit demo` as a process: its files, its settings, and how it starts and stops."""

import asyncio
import os
import re
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, SIGTERM

import httpx
import pytest

from demo.accounts import EXPIRED, TOKENS
from plaudit.postgres import EmbeddedPostgres
from tests.gateway import wait_until_ready

pytestmark = pytest.mark.long
START_SECONDS, END_SECONDS = 120.0, 10.0
HOW_MANY = {"query": "{ account { name customers { totalCount { value } } } }"}


@dataclass
class Demo:
    """A running demo, and its output until it was ready."""

    process: asyncio.subprocess.Process
    port: int
    output: str = ""

    async def end(self, number: int = SIGTERM) -> None:
        if self.process.returncode is None:
            self.process.send_signal(number)
        await asyncio.wait_for(self.process.wait(), END_SECONDS)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=30) as client:
            await wait_until_ready(client)
            yield client


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def launched(folder: Path, *options: str, **environment: str) -> AsyncIterator[Demo]:
    """Starts a demo without waiting for it, and stops it at the end."""
    port = free_port()
    command = ["demo", f"--port={port}", f"--data-dir={folder}", f"--tokens-file={folder}.env", "--customers=200"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "plaudit", *command, *options, cwd=folder.parent, env={"PATH": os.environ["PATH"], **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    demo = Demo(process, port)
    try:
        yield demo
    finally:
        await demo.end()


@asynccontextmanager
async def running(folder: Path, *options: str, **environment: str) -> AsyncIterator[Demo]:
    """Starts a demo, waits until it is ready, and stops it at the end."""
    async with launched(folder, *options, **environment) as demo:
        assert demo.process.stdout
        async with asyncio.timeout(START_SECONDS):
            while "Tokens" not in demo.output and (line := await demo.process.stdout.readline()):
                demo.output += line.decode()
        yield demo


def tokens(folder: Path) -> Mapping[str, str]:
    return dict(line.split("=", 1) for line in Path(f"{folder}.env").read_text().splitlines())


def mode(folder: Path) -> int:
    return Path(f"{folder}.env").stat().st_mode & 0o777


def modes_in(folder: Path) -> dict[str, int]:
    """The modes of the folder and its files, except PostgreSQL's own."""
    return {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir()) if path.name != "postgres"}


def postmaster(folder: Path) -> int | None:
    """The process id of the folder's PostgreSQL, if it is running."""
    file = Path((folder / "postgres.location").read_text()) / "postmaster.pid"
    return int(file.read_text().splitlines()[0]) if file.exists() else None


async def customers(client: httpx.AsyncClient, folder: Path) -> int:
    headers = {"authorization": f"Bearer {tokens(folder)['PLAUDIT_TOKEN_OWNER']}"}
    answer = (await client.post("/graphql", json=HOW_MANY, headers=headers)).json()
    return int(answer["data"]["account"]["customers"]["totalCount"]["value"])


@pytest.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The folder of a demo that created its data and was stopped."""
    made = tmp_path_factory.mktemp("demo") / "kept"
    async with running(made, "--without-worker") as demo:
        assert "Creating the demo data" in demo.output
    yield made
    server = EmbeddedPostgres(made)
    server.start()
    server.destroy()


async def test_its_tokens_are_complete_and_only_readable_by_their_owner(folder: Path) -> None:
    async with running(folder, "--without-worker"):
        pass
    assert mode(folder) == 0o600
    settings = {"ENV", "DATABASE_URL", "BASE_URL", "SMTP_URL", "SIGN_IN_FROM", "SECRET", "JWT_SECRET"}
    assert EXPIRED in TOKENS.values()
    assert tokens(folder).keys() == {
        f"PLAUDIT_{name}" for name in (*settings, "TOKEN_EXPIRED", *(f"TOKEN_{name}" for name in TOKENS))
    }


async def test_its_folder_and_files_are_only_readable_by_their_owner(folder: Path) -> None:
    async with running(folder):
        modes = modes_in(folder)
    assert modes.pop(folder.name) == 0o700
    assert {"demo.json", "mail.sqlite3", "postgres.log", "postgres.password"} < modes.keys()
    assert set(modes.values()) == {0o600}


async def test_its_home_page_is_only_served_under_its_own_host_name(folder: Path) -> None:
    async with running(folder, "--without-worker") as demo, demo.connect() as client:
        page = await client.get("/demo")
        assert f"{folder}.env" in page.text
        foreign = await client.get("/demo", headers={"host": f"evil.example:{demo.port}"})
        assert (page.status_code, foreign.status_code) == (200, 421)


async def test_it_ignores_the_shells_settings_and_other_demos_mailboxes(folder: Path) -> None:
    other = {
        "PLAUDIT_ENV": "demo",
        "PLAUDIT_BASE_URL": "https://reviews.example.com",
        "PLAUDIT_SECRET": "short",
        "PLAUDIT_ACCOUNT_CLAIM": "tenant",
        "PLAUDIT_PROT": "1",
        "PLAUDIT_DATABASE_URL": "postgresql://me@127.0.0.1:1/none",
        "PLAUDIT_SMTP_URL": "smtp://demo-mailbox:password@127.0.0.1:1?tls=none",
    }
    async with running(folder, "--without-worker", **other) as demo, demo.connect() as client:
        kept = tokens(folder)
        assert await customers(client, folder) > 100
    assert kept["PLAUDIT_BASE_URL"] == f"http://127.0.0.1:{demo.port}"
    assert not {name for name, value in other.items() if name != "PLAUDIT_ENV" and kept.get(name) == value}
    assert "Mail     goes" not in demo.output


async def test_it_uses_and_reports_the_shells_relay(folder: Path) -> None:
    relay = "smtp://127.0.0.1:1?tls=none"
    async with running(folder, "--without-worker", PLAUDIT_SMTP_URL=relay) as demo:
        assert tokens(folder)["PLAUDIT_SMTP_URL"] == relay
        assert "Mail     goes to 127.0.0.1:1 (tls=none), set by PLAUDIT_SMTP_URL" in demo.output


async def test_pages_of_a_frontend_whose_origin_the_shell_names_can_use_it(folder: Path) -> None:
    origin = "http://localhost:5173"
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    async with running(folder, "--without-worker", PLAUDIT_ALLOWED_ORIGINS=origin) as demo, demo.connect() as client:
        statuses = [
            (await client.options("/graphql", headers={"origin": page, **asked})).status_code
            for page in (origin, "http://localhost:1")
        ]
    assert statuses == [200, 400]


async def test_commands_outside_the_demo_refuse_its_database(folder: Path) -> None:
    async with running(folder, "--without-worker"):
        given = {name: value for name, value in tokens(folder).items() if "_TOKEN_" not in name}
        for env, status, says in (
            ("demo", 0, b"(demo)"),
            ("development", 1, b"belongs to a demo, but PLAUDIT_ENV is development"),
        ):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "plaudit",
                "migrate",
                cwd=folder.parent,
                env={"PATH": os.environ["PATH"], **given, "PLAUDIT_ENV": env},
                stderr=asyncio.subprocess.PIPE,
            )
            _, output = await asyncio.wait_for(process.communicate(), START_SECONDS)
            assert (process.returncode, says in output) == (status, True)


async def test_a_second_start_keeps_the_data(folder: Path) -> None:
    async with running(folder) as demo, demo.connect() as client:
        assert "Creating the demo data" not in demo.output
        first = await customers(client, folder)
    async with running(folder) as demo, demo.connect() as client:
        assert await customers(client, folder) == first > 100


async def test_a_separate_worker_can_join_without_a_built_in_one(folder: Path) -> None:
    async with running(folder, "--without-worker") as demo, demo.connect() as client:
        assert (await client.get("/readyz")).json()["worker"] is False
        environment = {name: value for name, value in tokens(folder).items() if "_TOKEN_" not in name}
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "plaudit",
            "worker",
            cwd=folder.parent,
            env={"PATH": os.environ["PATH"], **environment},
        )
        try:
            async with asyncio.timeout(END_SECONDS):
                while not (await client.get("/readyz")).json()["worker"]:
                    await asyncio.sleep(0.1)
        finally:
            worker.send_signal(SIGTERM)
            assert await asyncio.wait_for(worker.wait(), END_SECONDS) == 0


async def test_sigterm_stops_everything_including_the_database(folder: Path) -> None:
    async with running(folder) as demo:
        server = postmaster(folder)
        assert server is not None
        before = time.monotonic()
        await demo.end()
        assert time.monotonic() - before < END_SECONDS
    assert demo.process.returncode == 0
    assert postmaster(folder) is None
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


async def test_a_second_demo_in_the_same_folder_is_refused_and_the_first_continues(folder: Path) -> None:
    async with running(folder) as demo, demo.connect() as client:
        async with launched(folder) as other, asyncio.timeout(END_SECONDS):
            _, errors = await other.process.communicate()
        assert other.process.returncode == 1
        assert re.search(rf"{re.escape(str(folder))}.*--data-dir", errors.decode())
        assert await customers(client, folder) > 100


async def test_a_start_after_a_kill_takes_over_the_database(folder: Path) -> None:
    async with running(folder, "--without-worker") as demo:
        server = postmaster(folder)
        await demo.end(SIGKILL)
    assert postmaster(folder) == server
    async with running(folder, "--without-worker") as demo, demo.connect() as client:
        assert postmaster(folder) == server
        assert await customers(client, folder) > 100
    assert postmaster(folder) is None
