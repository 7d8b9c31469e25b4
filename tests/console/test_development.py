"""The server that shows the console while it is changed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.console.looking import SECONDS
from tests.plaudit.test_demo import free_port

ROOT = Path(__file__).parents[2]
NODE = ROOT / ".venv" / "bin" / "node"


@pytest.fixture
async def development(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """`npm run dev` for the demo."""
    port = free_port()
    server = await asyncio.create_subprocess_exec(
        *(NODE, "node_modules/vite/bin/vite.js", "--host", "127.0.0.1", "--port", str(port), "--strictPort"),
        cwd=ROOT / "console",
        env=os.environ | {"PLAUDIT_URL": address},
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert server.stdout is not None
        # no further than the word: where CI is set, its colour ends before the colon
        await asyncio.wait_for(server.stdout.readuntil(b"Local"), 4 * SECONDS)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS) as client:
            yield client
    finally:
        os.killpg(server.pid, signal.SIGKILL)  # the command starts Node.js as a process of its own
        await server.communicate()


async def test_it_shows_the_demos_data(development: httpx.AsyncClient) -> None:
    assert "/src/main.tsx" in (await development.get("/")).text
    session = (await development.post("/sign-in/persona", json={"persona": "viewer"})).json()
    headers = {"Authorization": f"Bearer {session['token']}"}
    answer = await development.post("/graphql", json={"query": "{ account { name } }"}, headers=headers)
    assert answer.json() == {"data": {"account": {"name": "Bäckerei Kornblume"}}}
