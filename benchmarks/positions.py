"""The cursors with which each server continues after the same customer."""

from collections.abc import Mapping
from typing import Any

import httpx

import models
from benchmarks import filled
from benchmarks.load import Asked, Server
from benchmarks.operations import DEEP
from benchmarks.peers.postgraphile import NTH
from benchmarks.serving import GATEWAY, POSTGRAPHILE
from models.reads.customer_search import NEWEST_FIRST, Criteria
from models.reads.keyset import Position
from resolvers import customers
from resolvers.cursors import CursorBox
from tests import factories as make
from tests.gateway import SECRET


async def deep(url: str, account: models.Account, after: int, servers: Mapping[str, Server], first: int = 25) -> Asked:
    """The page that follows this many customers. Its cursors are made here, since reading all pages before it would take long."""
    invited_on, key = await filled.nth_customer(url, account, after)
    plain = f"{invited_on.isoformat().replace('+00:00', 'Z')}:{key.hex}"
    box, criteria = CursorBox((SECRET,)), Criteria(make.scope(account))
    name = customers._connection_name(criteria, NEWEST_FIRST)  # noqa: SLF001 - what its cursors are signed for
    own = {GATEWAY: {"after": box.make(name, Position(invited_on, key))}}
    if POSTGRAPHILE in servers:
        own[POSTGRAPHILE] = {"after": await _of_postgraphile(servers[POSTGRAPHILE], account, after)}
    return Asked(DEEP, {"id": f"acc_{account.id.hex}", "first": first, "after": plain}, own)


async def _of_postgraphile(server: Server, account: models.Account, after: int) -> str:
    asked = {"query": NTH, "variables": {"id": str(account.id), "offset": after - 1}}
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(f"http://{server.host}:{server.port}/graphql", json=asked)
    found: Any = answer.json()["data"]["accountByRowId"]["customersByAccountId"]["pageInfo"]["endCursor"]
    return str(found)
