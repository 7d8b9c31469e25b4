"""One PostgreSQL cluster per run, one migrated template database, and a clone of it for each xdist worker."""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import hypothesis
import pytest

from models.clock import clock
from models.reads.operation import Reads
from permissions import policy
from plaudit import database, roles
from plaudit.grants import ROLES
from plaudit.postgres import EmbeddedPostgres
from tests.time_limits import pytest_collection_modifyitems  # noqa: F401 - a hook

ADDRESS, KEPT = "PLAUDIT_TEST_DATABASE_URL", "PLAUDIT_TEST_TEMPLATE_KEPT"
"""The server for the tests, and whether its template database is that of a run before."""
LOGIN = "plaudit_tests"
hypothesis.settings.register_profile("plaudit", deadline=None)  # no test asserts a time
hypothesis.settings.load_profile("plaudit")
CLUSTER = pytest.StashKey[EmbeddedPostgres]()


def _allow_only_loopback() -> None:
    """Makes every connection to another machine fail, except to the test database."""
    host = urlsplit(os.environ[ADDRESS]).hostname or "localhost"
    allowed = {"localhost", host, *(str(found[4][0]) for found in socket.getaddrinfo(host, None))}

    def check(event: str, args: tuple[object, ...]) -> None:
        if event == "socket.connect" and isinstance(args[1], tuple):
            to = str(args[1][0])
            if to not in allowed and not ip_address(to.partition("%")[0]).is_loopback:
                raise PermissionError(f"a test tried to reach {to}")

    sys.addaudithook(check)


def pytest_configure(config: pytest.Config) -> None:
    """Starts PostgreSQL in the controller process, before xdist starts the workers, which inherit its address."""
    for name in [name for name in os.environ if name.startswith("PLAUDIT_") and name not in (ADDRESS, KEPT)]:
        del os.environ[name]
    if hasattr(config, "workerinput"):
        _allow_only_loopback()
        return
    if ADDRESS not in os.environ:
        config.stash[CLUSTER] = EmbeddedPostgres(Path(tempfile.mkdtemp(prefix="plaudit-")), durable=False)
        os.environ[ADDRESS] = config.stash[CLUSTER].start()
    asyncio.run(_make_login())
    if KEPT not in os.environ:
        asyncio.run(database.migrate(asyncio.run(make_database("plaudit_template", "template0"))))
    _allow_only_loopback()


def pytest_unconfigure(config: pytest.Config) -> None:
    if cluster := config.stash.get(CLUSTER, None):
        cluster.destroy()
        shutil.rmtree(cluster.folder, ignore_errors=True)


async def _make_login() -> None:
    """Who owns the tests' databases and is nothing more, as docs/operating.md wants it."""
    connection = await asyncpg.connect(os.environ[ADDRESS])
    await roles.make_roles(connection)
    if not await connection.fetchval("select 1 from pg_roles where rolname = $1", LOGIN):
        await connection.execute(f"create role {LOGIN} login password '{LOGIN}'")
    await connection.execute(f"grant {', '.join(ROLES)} to {LOGIN}")
    await connection.close()


async def make_database(name: str, template: str = "plaudit_template") -> str:
    """Creates a database in the run's cluster; returns its URL for the login that owns it."""
    connection = await asyncpg.connect(os.environ[ADDRESS])
    await connection.execute(f"drop database if exists {name} with (force)")
    await connection.execute(f"create database {name} template {template} owner {LOGIN}")
    await connection.close()
    at = urlsplit(os.environ[ADDRESS])
    server = at.netloc.rpartition("@")[2]
    return at._replace(netloc=f"{LOGIN}:{LOGIN}@{server}", path=f"/{name}").geturl()


@pytest.fixture(scope="session")
async def database_url(worker_id: str) -> str:
    return await make_database(f"plaudit_{worker_id}")


@pytest.fixture(scope="session", autouse=True)
async def db(database_url: str) -> AsyncIterator[str]:
    """This worker's database, opened for the code under test; its URL."""
    async with database.opened(database_url):
        yield database_url


@pytest.fixture
def policy_tables() -> Iterator[None]:
    """Restores the policy's tables after a test that changes them, including their order."""
    before = [(table, dict(table)) for table in (policy.POLICY, policy.OPEN, policy.EXCEPTIONS)]
    yield
    for table, entries in before:
        table.clear()
        table.update(entries)  # type: ignore[arg-type] # each its own


@pytest.fixture(autouse=True)
def reset_clock() -> Iterator[None]:
    """Resets the clock after every test."""
    yield
    clock.reset()


@pytest.fixture
def statements_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that operations read with during the test."""
    fetch, statements = Reads._fetch, list[str]()

    async def remember(
        reads: Reads, pool: str, sql: str, *args: object, seconds: float | None = None
    ) -> list[asyncpg.Record]:
        statements.append(sql)
        return await fetch(reads, pool, sql, *args, seconds=seconds)

    monkeypatch.setattr(Reads, "_fetch", remember)
    return statements
