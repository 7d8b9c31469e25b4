"""Starts the servers that are compared: the gateway, the floor, and the peers of benchmarks/peers."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx

import models
from benchmarks.harness import started_gateway
from benchmarks.load import Dialect, Server
from benchmarks.peers import postgraphile
from tests import factories as make
from tests.gateway import token

FLOOR, GATEWAY, INTERPRETING = "floor", "gateway", "gateway, not compiling"
VARIANTS: dict[str, dict[str, str]] = {GATEWAY: {}, INTERPRETING: {"PLAUDIT_COMPILE_QUERIES": "off"}}
"""Gateways by their settings."""
MEMBERS = 16
PEERS = Path(__file__).with_name("peers")
MERCURIUS, YOGA, POSTGRAPHILE, STRAWBERRY = "mercurius", "yoga", "PostGraphile", "Strawberry as documented"
IN_NODE = {MERCURIUS: "mercurius.mjs", POSTGRAPHILE: "postgraphile.mjs", YOGA: "yoga.mjs"}
ALL_PEERS = (MERCURIUS, POSTGRAPHILE, YOGA, STRAWBERRY)
DIALECTS: dict[str, Mapping[str, Dialect]] = {POSTGRAPHILE: postgraphile.DIALECTS}


def missing() -> str | None:
    """What to do before the peers can be started, if anything."""
    return None if _node() else "The peers are not installed; run: make peers"


def _node() -> Path | None:
    return next(PEERS.glob("node_modules/node-linux-*/bin/node"), None)


@asynccontextmanager
async def started(
    *command: str, dialects: Mapping[str, Dialect] | None = None, **environment: str
) -> AsyncIterator[Server]:
    """A process that serves /graphql on the port in PORT, which may also be part of the command."""
    port = _free_port()
    process = await asyncio.create_subprocess_exec(
        *(part.format(port=port) for part in command), env=os.environ | environment | {"PORT": str(port)}
    )
    try:
        await _is_listening(port)
        yield Server(process.pid, "127.0.0.1", port, dialects=dialects or {})
    finally:
        process.terminate()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _is_listening(port: int) -> None:
    async with asyncio.timeout(30), httpx.AsyncClient() as client:
        while True:
            try:
                await client.get(f"http://127.0.0.1:{port}/graphql")
                return
            except httpx.TransportError:
                await asyncio.sleep(0.05)


def _python(app: str, url: str) -> AbstractAsyncContextManager[Server]:
    command = (sys.executable, "-m", "uvicorn", app, "--port", "{port}", "--log-level", "warning")
    return started(*command, FLOOR_DATABASE_URL=url)


def floor(url: str) -> AbstractAsyncContextManager[Server]:
    return _python("benchmarks.floor:app", url)


def peer(name: str, url: str) -> AbstractAsyncContextManager[Server]:
    if name == STRAWBERRY:
        return _python("benchmarks.peers.documented:app", url)
    command = (str(_node()), str(PEERS / IN_NODE[name]))
    settings = {"PEER_DATABASE_URL": url, "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    return started(*command, dialects=DIALECTS.get(name), **settings)


@asynccontextmanager
async def gateway(url: str, tokens: Sequence[str], **settings: str) -> AsyncIterator[Server]:
    async with started_gateway(url, settings) as (process, client):
        at = urlsplit(str(client.base_url))
        assert at.hostname
        assert at.port
        yield Server(process.pid, at.hostname, at.port, tokens)


async def tokens_in(account: models.Account) -> list[str]:
    """Those of MEMBERS new members: a member's own operations wait for each other."""
    return [token(await make.member(account)) for _ in range(MEMBERS)]


async def seen_in(servers: Mapping[str, Server], account: models.Account) -> dict[str, Server]:
    """The same servers, asked by members of another account."""
    tokens = await tokens_in(account)
    return {name: replace(one, tokens=tokens) if one.tokens else one for name, one in servers.items()}


@asynccontextmanager
async def serving(
    url: str, account: models.Account, variants: Mapping[str, Mapping[str, str]], peers: tuple[str, ...] = ()
) -> AsyncIterator[dict[str, Server]]:
    """The floor, gateways with these settings, and peers."""
    tokens = await tokens_in(account)
    async with AsyncExitStack() as stack:
        running = {FLOOR: await stack.enter_async_context(floor(url))}
        for name, settings in variants.items():
            running[name] = await stack.enter_async_context(gateway(url, tokens, **settings))
        for name in peers:
            running[name] = await stack.enter_async_context(peer(name, url))
        yield running
