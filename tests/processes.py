"""Real Plaudit processes on a separate database, for tests that send them requests or kill them."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL, SIGTERM

import httpx

from plaudit import auth
from tests.conftest import make_database
from tests.delivery.scripted_smtp import ScriptedSmtp
from tests.journeys.accounts import PEOPLE, SECRET, accounts_file
from tests.journeys.world import World

WAIT_SECONDS = 60.0


@dataclass
class Processes:
    """A separate database, a gateway, and workers that tests start and stop."""

    environment: Mapping[str, str]
    world: World
    running: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start(self, *command: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "plaudit", *command, env=dict(self.environment), stderr=asyncio.subprocess.DEVNULL
        )
        self.running.append(process)
        return process

    async def kill(self, process: asyncio.subprocess.Process, number: int = SIGKILL) -> int:
        process.send_signal(number)
        return await asyncio.wait_for(process.wait(), 15)


@asynccontextmanager
async def processes(name: str, folder: Path, url: str | None = None, **settings: str) -> AsyncIterator[Processes]:
    """Runs a gateway until it answers, and stops everything at the end. `url` is a migrated database instead of a new one;
    `settings` are extra variables by full name."""
    url = url or await make_database(name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with ScriptedSmtp().running() as relay:
        environment = {
            "PATH": os.environ["PATH"],
            "PLAUDIT_ENV": "development",
            "PLAUDIT_DATABASE_URL": url,
            "PLAUDIT_SECRET": SECRET,
            "PLAUDIT_JWT_SECRET": SECRET,
            "PLAUDIT_BASE_URL": f"http://127.0.0.1:{port}",
            "PLAUDIT_SMTP_URL": f"smtp://127.0.0.1:{relay.port}?tls=none",
            "PLAUDIT_WORKER_LEASE_SECONDS": "2",
            "PLAUDIT_BUY_MORE_URL": "https://example.com/buy",
            **settings,
        }
        world = World(f"http://127.0.0.1:{port}", relay)
        world.tokens |= {name: auth.issue(SECRET, name, lifetime=timedelta(hours=1)) for name in PEOPLE}
        started = Processes(environment, world)
        try:
            file = folder / "accounts.yaml"
            file.write_text(accounts_file())
            assert await (await started.start("apply", str(file))).wait() == 0
            await started.start("serve", "--port", str(port))
            await _wait_until_ready(world.url)
            yield started
        finally:
            for process in started.running:
                if process.returncode is None:
                    await started.kill(process, SIGTERM)


async def _wait_until_ready(url: str) -> None:
    async with asyncio.timeout(WAIT_SECONDS), httpx.AsyncClient(base_url=url) as client:
        while True:
            with suppress(httpx.TransportError):
                if (await client.get("/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.05)
