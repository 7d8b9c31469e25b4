"""What is said of databases that cannot be worked on, each of them real."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
import pytest
from tortoise.context import TortoiseContext

from models.connection import LISTS
from plaudit.addresses import database_address
from plaudit.database import config
from plaudit.diagnosis import of_database
from plaudit.readiness import UnreadyError, acting, look, migrate
from plaudit.settings import Settings
from tests.conftest import ADDRESS, make_database
from tests.gateway import settings


async def run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def pools(by: Settings) -> AsyncIterator[None]:
    """Of these settings, for this test alone."""
    async with TortoiseContext() as context:
        await context.init(config=config(by.database_url, size=1))
        yield


@pytest.fixture
async def migrated(worker_id: str) -> str:
    return await make_database(f"plaudit_readiness_{worker_id}")


@pytest.fixture
async def empty(worker_id: str) -> str:
    return await make_database(f"plaudit_empty_{worker_id}", "template0")


@pytest.fixture
async def weak(worker_id: str) -> AsyncIterator[str]:
    """A user who may log in, and nothing else."""
    name = f"weak_{worker_id}"
    await run(os.environ[ADDRESS], f"drop role if exists {name}", f"create role {name} login password 'weak'")
    yield name
    await run(os.environ[ADDRESS], f"drop role {name}")


def changed(url: str, user: str, password: str, name: str | None = None) -> str:
    at = urlsplit(url)
    return f"postgresql://{user}:{password}@{at.hostname}:{at.port or 5432}/{name or at.path[1:]}"


async def what_each_command_says(url: str, **given: object) -> set[str]:
    """What migrate, what apply and token, and what /readyz and the log say."""
    by = settings(url, **given)
    said = set()
    with pytest.raises(UnreadyError) as refused:
        await migrate(by)
    said.add(str(refused.value))
    async with pools(by):
        with pytest.raises(UnreadyError) as refused:
            async with acting(by):
                pass
        said.add(str(refused.value))
        try:
            _, words = await look(by, [LISTS])
        except UnreadyError as wrong:
            words = str(wrong)
        said.add(str(words))
    return said


async def test_a_migrated_database_can_be_worked_on(migrated: str) -> None:
    by = settings(migrated)
    await migrate(by)
    async with pools(by):
        state, words = await look(by, [LISTS])
        async with acting(by):
            pass
    assert words is None
    assert state is not None
    assert (state.demo, state.missing, state.newer) == (False, frozenset(), frozenset())


async def test_a_server_that_is_not_there() -> None:
    (said,) = await what_each_command_says("postgresql://me:hunter2@127.0.0.1:1/name")
    assert said == ("PostgreSQL at 127.0.0.1:1 cannot be reached; start it, or correct PLAUDIT_DATABASE_URL.")


async def test_a_host_that_is_not_there() -> None:
    (said,) = await what_each_command_says("postgresql://me:hunter2@nowhere.invalid/name")
    assert said == "The database's host nowhere.invalid cannot be found; correct PLAUDIT_DATABASE_URL."


async def test_a_wrong_password(migrated: str, weak: str) -> None:
    (said,) = await what_each_command_says(changed(migrated, weak, "wrong"))
    assert f"refuses the password of user {weak}; correct PLAUDIT_DATABASE_URL." in said


async def test_a_database_that_is_not_there(migrated: str) -> None:
    url = migrated.rpartition("/")[0] + "/nothere"
    (said,) = await what_each_command_says(url)
    assert said.endswith('has no database nothere; run: create database "nothere", or correct PLAUDIT_DATABASE_URL.')


async def test_a_user_without_rights(migrated: str, weak: str) -> None:
    for said in await what_each_command_says(changed(migrated, weak, "weak")):
        assert said.startswith(
            f"User {weak} lacks a right in the database {database_address(migrated)} (permission denied"
        )
        assert f'alter database "{database_address(migrated).name}" owner to "{weak}"' in said


async def test_tls_that_the_server_does_not_have(migrated: str) -> None:
    (said,) = await what_each_command_says(f"{migrated}?sslmode=require")
    assert said.endswith("correct sslmode in PLAUDIT_DATABASE_URL.")


async def test_a_certificate_that_is_not_there(migrated: str) -> None:
    (said,) = await what_each_command_says(f"{migrated}?sslmode=verify-full&sslrootcert=/nowhere")
    assert said.endswith("correct sslrootcert or its like in PLAUDIT_DATABASE_URL.")


def test_a_home_directory_that_cannot_be_read() -> None:
    error = PermissionError(13, "Permission denied", "/root/.postgresql/postgresql.key")
    assert of_database(error, database_address("postgresql://me:hunter2@127.0.0.1:5432/name")) == (
        "/root/.postgresql/postgresql.key cannot be read to connect to the database 127.0.0.1:5432/name; allow it, or "
        "correct HOME or PLAUDIT_DATABASE_URL."
    )


@asynccontextmanager
async def pooler() -> AsyncIterator[str]:
    """Refuses connections with start-up settings, in PgBouncer's words."""
    fields = b"SFATAL\0C08P01\0Munsupported startup parameter: statement_timeout\0\0"

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(5):
            await reader.readexactly(8)  # whether there is TLS
            writer.write(b"N")
            await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4)
            writer.write(b"E" + (len(fields) + 4).to_bytes(4) + fields)
            await writer.drain()
            writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        yield f"postgresql://me:hunter2@127.0.0.1:{server.sockets[0].getsockname()[1]}/name"


async def test_a_pooler_without_a_direct_address() -> None:
    async with pooler() as url, pools(settings(url)):
        _, said = await look(settings(url), [LISTS])
    assert said == (
        f"{database_address(url).server} is a connection pooler; set PLAUDIT_DIRECT_DATABASE_URL too, to PostgreSQL's own "
        "address."
    )


async def test_a_database_that_is_not_migrated(empty: str) -> None:
    by = settings(empty)
    async with pools(by):
        _, words = await look(by, [LISTS])
        with pytest.raises(UnreadyError, match="run: plaudit migrate"):
            async with acting(by):
                pass
    assert (
        words == f"The database {database_address(empty)} has no tables of Plaudit, or older ones; run: plaudit migrate"
    )


async def test_a_database_of_an_older_version(migrated: str) -> None:
    await run(migrated, "delete from tortoise_migrations where name = (select max(name) from tortoise_migrations)")
    by = settings(migrated)
    async with pools(by):
        _, words = await look(by, [LISTS])
    assert words is not None
    assert words.endswith("run: plaudit migrate")


async def test_a_database_of_a_newer_version_refuses_commands_and_not_what_runs(migrated: str) -> None:
    await run(
        migrated, "insert into tortoise_migrations (app, name, applied_at) values ('models', '9999_later', now())"
    )
    by = settings(migrated)
    async with pools(by):
        state, words = await look(by, [LISTS])
        assert words is None
        assert state is not None
        assert state.newer == {"9999_later"}
        with pytest.raises(UnreadyError, match=r"newer version of Plaudit \(9999_later\)"):
            async with acting(by):
                pass
    with pytest.raises(UnreadyError, match=r"newer version of Plaudit \(9999_later\)"):
        await migrate(by)


async def test_a_demo_s_database_is_refused_outside_the_demo(migrated: str) -> None:
    await run(os.environ[ADDRESS], f"alter database {database_address(migrated).name} set plaudit.demo = 'on'")
    for env in ("development", "production"):
        given = {
            "env": env,
            "secret": "c27be4905ad1f83660947e2bd83fa51c",
            "base_url": "https://reviews.example.com",
            "smtp_url": "smtp://relay.example.com",
        }
        (said,) = await what_each_command_says(migrated, **given)
        assert f"belongs to a demo, and this is {env}" in said
    async with pools(settings(migrated, env="demo")), acting(settings(migrated, env="demo")):
        pass


async def test_the_demo_s_environment_is_refused_on_another_database(migrated: str) -> None:
    (said,) = await what_each_command_says(migrated, env="demo")
    assert "Unset PLAUDIT_ENV" in said


async def test_beside_a_pooler_the_setting_that_is_wrong_is_named(migrated: str) -> None:
    by = settings(migrated, direct_database_url="postgresql://me@127.0.0.1:1/name")
    async with pools(by):
        _, words = await look(by, [LISTS])
    assert words == ("PostgreSQL at 127.0.0.1:1 cannot be reached; start it, or correct PLAUDIT_DIRECT_DATABASE_URL.")
    with pytest.raises(UnreadyError, match="PLAUDIT_DIRECT_DATABASE_URL"):
        await migrate(by)
