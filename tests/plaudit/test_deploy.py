"""The files in deploy/ fit the gateway that they are for."""

import asyncio
import configparser
import re
from pathlib import Path

import asyncpg
import pytest
from starlette.routing import Route, WebSocketRoute

import models
from models.clock import clock
from models.commands import sending
from models.rules.enums import MessageState
from models.rules.plan import PLANS
from plaudit import cli
from plaudit.app import create_app
from plaudit.connections import Limits
from plaudit.postgres import BINARIES
from plaudit.run import STOP_SECONDS
from tests import factories as make
from tests.gateway import settings

DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX, CADDY = ((DEPLOY / name).read_text("utf-8") for name in ("nginx.conf", "Caddyfile"))
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def nginx_forwards(path: str) -> bool:
    locations = re.findall(r"^ +location (=|~) (\S+)", NGINX, re.MULTILINE)
    return any(path == place if kind == "=" else re.search(place, path) for kind, place in locations)


def caddy_forwards(path: str) -> bool:
    places = re.findall(r"@plaudit path (.+)", CADDY)[0].split()
    return any(path == place or (place.endswith("*") and path.startswith(place[:-1])) for place in places)


@pytest.mark.parametrize("forwards", [nginx_forwards, caddy_forwards])
def test_proxies_forward_every_route_but_readyz(db: str, forwards: object) -> None:
    assert callable(forwards)
    routes = {route.path for route in create_app(settings(db)).routes if isinstance(route, Route | WebSocketRoute)}
    assert {path for path in routes if forwards(path)} == routes - {"/readyz"}
    assert not any(forwards(path) for path in ("/mailbox", "/docs/settings.md", "/readyz/", "/r"))


def test_proxies_drop_idle_connections_before_the_gateway_does() -> None:
    idle = Limits(max_open=1, backlog=1).idle_seconds
    nginx = re.findall(r"keepalive_timeout (\d+)s;", NGINX.partition("}")[0])
    upstream = nginx + re.findall(r"keepalive (\d+)s", CADDY)
    assert len(upstream) == 2
    assert all(int(seconds) < idle for seconds in upstream)


def test_proxies_let_the_largest_upload_of_any_plan_through() -> None:
    largest = max(plan.upload_megabytes for plan in PLANS.values())
    most = re.findall(r"client_max_body_size (\d\d+)m", NGINX) + re.findall(r"max_size (\d+)MB", CADDY)
    assert len(most) == 2
    assert all(int(megabytes) > largest for megabytes in most)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_units_run_a_command_and_give_it_time_to_end(unit: Path) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.read_string(unit.read_text("utf-8"))
    service = parser["Service"]
    assert service["ExecStart"].rpartition(" ")[2] in cli.app
    assert service.get("Type") == "oneshot" or float(service["TimeoutStopSec"]) > STOP_SECONDS


async def test_what_an_operator_watches_runs_on_the_tables(db: str) -> None:
    connection = await asyncpg.connect(db)
    try:
        await connection.execute((DEPLOY / "watch.sql").read_text("utf-8"))
    finally:
        await connection.close()


async def test_after_a_restore_messages_that_the_relay_took_are_unknown_and_others_are_sent(
    db: str, tmp_path: Path
) -> None:
    location = await make.location(await make.account(), steps=(0,))
    taken, other = [await make.invited(location) for _ in range(2)]
    ids = tmp_path / "ids.txt"
    ids.write_text(f"{(await models.Message.get(invitation_id=taken)).id.hex}\n")
    psql = await asyncio.create_subprocess_exec(
        BINARIES / "psql", "--quiet", f"--variable=list={ids}", f"--file={DEPLOY / 'after-restore.sql'}", db
    )
    assert await asyncio.wait_for(psql.wait(), 30) == 0
    await sending.reap(clock.now())
    states = {row.invitation_id: row.state for row in await models.Message.filter(invitation_id__in=[taken, other])}
    assert states == {taken: MessageState.UNKNOWN, other: MessageState.SCHEDULED}
