"""A new database, gateway processes that use it, and a loop that sends operations to them in turn and times them."""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from statistics import median

import httpx

import models
from plaudit import database
from plaudit.postgres import EmbeddedPostgres
from tests.gateway import SECRET, token

Operation = tuple[str, dict[str, object]]
"""A document and its variables."""


@asynccontextmanager
async def fresh_database() -> AsyncIterator[str]:
    """A migrated database without fsync, opened for the builders; its URL."""
    postgres = EmbeddedPostgres(Path(tempfile.mkdtemp(prefix="plaudit-")), durable=False)
    url = await asyncio.to_thread(postgres.start)
    try:
        await database.migrate(url)
        async with database.opened(url):
            yield url
    finally:
        postgres.destroy()
        shutil.rmtree(postgres.folder)


@asynccontextmanager
async def gateways(url: str, variants: Mapping[str, Mapping[str, str]]) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """One gateway process per variant of settings, all on the same database."""
    async with AsyncExitStack() as stack:
        started = {
            name: await stack.enter_async_context(started_gateway(url, settings)) for name, settings in variants.items()
        }
        yield {name: client for name, (_, client) in started.items()}


@asynccontextmanager
async def started_gateway(
    url: str, settings: Mapping[str, str]
) -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx.AsyncClient]]:
    """A gateway process with these settings, and a client for it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "PLAUDIT_ENV": "development",
        "PLAUDIT_DATABASE_URL": url,
        "PLAUDIT_SECRET": SECRET,
        "PLAUDIT_JWT_SECRET": SECRET,
        **settings,
    }
    serving = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "plaudit",
        "serve",
        "--port",
        str(port),
        env=environment,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            async with asyncio.timeout(30):
                while not await _is_ready(client):
                    await asyncio.sleep(0.05)
            yield serving, client
    finally:
        serving.terminate()
        await serving.wait()


async def _is_ready(client: httpx.AsyncClient) -> bool:
    with suppress(httpx.TransportError):
        return (await client.get("/readyz")).status_code == 200
    return False


async def time_operation(client: httpx.AsyncClient, who: models.User, operation: Operation) -> float:
    """The time until the response, in milliseconds."""
    document, variables = operation
    headers = {"authorization": f"Bearer {token(who)}"}
    started = time.perf_counter()
    answer = await client.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
    took = (time.perf_counter() - started) * 1000
    assert answer.status_code == 200, answer.text
    return took


async def medians(
    operations: Mapping[str, tuple[httpx.AsyncClient, models.User, Operation]], rounds: int = 60, warm_up: int = 12
) -> dict[str, float]:
    """The median of each in milliseconds; they take turns, so that other load on the machine affects all alike."""
    took: dict[str, list[float]] = {name: [] for name in operations}
    for number in range(rounds + warm_up):
        for name, (client, who, operation) in operations.items():
            milliseconds = await time_operation(client, who, operation)
            if number >= warm_up:
                took[name].append(milliseconds)
    return {name: median(times) for name, times in took.items()}


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    print(f"\n{title}\n")
    print(f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(f'{cell:.2f}' if isinstance(cell, float) else str(cell) for cell in row)} |")
