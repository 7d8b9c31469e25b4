"""One cluster a run, one template with the schema, a clone of it for each xdist worker."""

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
import pytest

from models.clock import clock
from permissions import policy
from plaudit import database
from plaudit.postgres import EmbeddedPostgres
from tests.time_limits import pytest_collection_modifyitems  # noqa: F401 - a hook

ADDRESS = "PLAUDIT_TEST_DATABASE_URL"
CLUSTER = pytest.StashKey[EmbeddedPostgres]()


def _only_loopback() -> None:
    """From now on a connection that leaves this machine fails, wherever it is made; but for the tests' database."""
    host = urlsplit(os.environ[ADDRESS]).hostname or "localhost"
    allowed = {"localhost", host, *(str(found[4][0]) for found in socket.getaddrinfo(host, None))}

    def look(event: str, args: tuple[object, ...]) -> None:
        if event == "socket.connect" and isinstance(args[1], tuple):
            to = str(args[1][0])
            if to not in allowed and not ip_address(to.partition("%")[0]).is_loopback:
                raise PermissionError(f"a test tried to reach {to}")

    sys.addaudithook(look)


def pytest_configure(config: pytest.Config) -> None:
    """In the one process that steers, before xdist starts its workers, which inherit the address."""
    for name in [name for name in os.environ if name.startswith("PLAUDIT_") and name != ADDRESS]:
        del os.environ[name]
    if hasattr(config, "workerinput"):
        _only_loopback()
        return
    if ADDRESS not in os.environ:
        config.stash[CLUSTER] = EmbeddedPostgres(Path(tempfile.mkdtemp(prefix="plaudit-")), durable=False)
        os.environ[ADDRESS] = config.stash[CLUSTER].start()
    asyncio.run(database.migrate(asyncio.run(make_database("plaudit_template", "template0"))))
    _only_loopback()


def pytest_unconfigure(config: pytest.Config) -> None:
    if cluster := config.stash.get(CLUSTER, None):
        cluster.destroy()
        shutil.rmtree(cluster.folder)


async def make_database(name: str, template: str = "plaudit_template") -> str:
    """A fresh database in the run's cluster; its URL."""
    connection = await asyncpg.connect(os.environ[ADDRESS])
    await connection.execute(f"drop database if exists {name} with (force)")
    await connection.execute(f"create database {name} template {template}")
    await connection.close()
    return f"{os.environ[ADDRESS].rpartition('/')[0]}/{name}"


@pytest.fixture(scope="session")
async def database_url(worker_id: str) -> str:
    return await make_database(f"plaudit_{worker_id}")


@pytest.fixture(scope="session", autouse=True)
async def db(database_url: str) -> AsyncIterator[str]:
    """The database of this worker, opened for the code under test."""
    async with database.opened(database_url):
        yield database_url


@pytest.fixture
def tables() -> Iterator[None]:
    """Whatever a test changes in the policy is as it was afterwards, its order too."""
    before = [(table, dict(table)) for table in (policy.POLICY, policy.OPEN, policy.EXCEPTIONS)]
    yield
    for table, entries in before:
        table.clear()
        table.update(entries)  # type: ignore[arg-type] # each its own


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    """Whoever sets the clock leaves it to the next test as it was."""
    yield
    clock.reset()
