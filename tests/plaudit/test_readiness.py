"""Messages about real databases that are not usable."""

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
from plaudit.readiness import UnreadyError, check, migrate, ready_database
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
    """Opens pools with these settings for this test."""
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
    """A user who can log in and nothing else."""
    name = f"weak_{worker_id}"
    await run(os.environ[ADDRESS], f"drop role if exists {name}", f"create role {name} login password 'weak'")
    yield name
    await run(os.environ[ADDRESS], f"drop role {name}")


def changed(url: str, user: str, password: str, name: str | None = None) -> str:
    at = urlsplit(url)
    return f"postgresql://{user}:{password}@{at.hostname}:{at.port or 5432}/{name or at.path[1:]}"


async def messages_of_each_command(url: str, **given: object) -> set[str]:
    """The messages of migrate, of apply and token, and of /readyz and the log."""
    by = settings(url, **given)
    message = set()
    with pytest.raises(UnreadyError) as refused:
        await migrate(by)
    message.add(str(refused.value))
    async with pools(by):
        with pytest.raises(UnreadyError) as refused:
            async with ready_database(by):
                pass
        message.add(str(refused.value))
        try:
            _, problem = await check(by, [LISTS])
        except UnreadyError as wrong:
            problem = str(wrong)
        message.add(str(problem))
    return message


async def test_a_migrated_database_is_usable(migrated: str) -> None:
    by = settings(migrated)
    await migrate(by)
    async with pools(by):
        state, problem = await check(by, [LISTS])
        async with ready_database(by):
            pass
    assert problem is None
    assert state is not None
    assert (state.demo, state.missing, state.newer) == (False, frozenset(), frozenset())


async def test_an_unreachable_server() -> None:
    (message,) = await messages_of_each_command("postgresql://me:hunter2@127.0.0.1:1/name")
    assert message == ("PostgreSQL at 127.0.0.1:1 cannot be reached; start it, or correct PLAUDIT_DATABASE_URL.")


async def test_an_unknown_host() -> None:
    (message,) = await messages_of_each_command("postgresql://me:hunter2@nowhere.invalid/name")
    assert message == "The database's host nowhere.invalid cannot be found; correct PLAUDIT_DATABASE_URL."


async def test_a_wrong_password(migrated: str, weak: str) -> None:
    (message,) = await messages_of_each_command(changed(migrated, weak, "wrong"))
    assert f"rejects the password of user {weak}; correct PLAUDIT_DATABASE_URL." in message


async def test_a_missing_database(migrated: str) -> None:
    url = migrated.rpartition("/")[0] + "/nothere"
    (message,) = await messages_of_each_command(url)
    assert message.endswith('has no database nothere; run: create database "nothere", or correct PLAUDIT_DATABASE_URL.')


async def test_a_user_without_privileges(migrated: str, weak: str) -> None:
    for message in await messages_of_each_command(changed(migrated, weak, "weak")):
        assert message.startswith(
            f"User {weak} lacks a privilege in the database {database_address(migrated)} (permission denied"
        )
        assert f'alter database "{database_address(migrated).name}" owner to "{weak}"' in message


async def test_a_server_without_tls(migrated: str) -> None:
    (message,) = await messages_of_each_command(f"{migrated}?sslmode=require")
    assert message.endswith("correct sslmode in PLAUDIT_DATABASE_URL.")


async def test_a_missing_certificate(migrated: str) -> None:
    (message,) = await messages_of_each_command(f"{migrated}?sslmode=verify-full&sslrootcert=/nowhere")
    assert message.endswith("correct sslrootcert, sslcert or sslkey in PLAUDIT_DATABASE_URL.")


def test_a_home_directory_that_cannot_be_read() -> None:
    error = PermissionError(13, "Permission denied", "/root/.postgresql/postgresql.key")
    assert of_database(error, database_address("postgresql://me:hunter2@127.0.0.1:5432/name")) == (
        "/root/.postgresql/postgresql.key cannot be read to connect to the database 127.0.0.1:5432/name; allow it, or "
        "correct HOME or PLAUDIT_DATABASE_URL."
    )


@asynccontextmanager
async def pooler() -> AsyncIterator[str]:
    """Refuses startup parameters, as PgBouncer does."""
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
        _, problem = await check(settings(url), [LISTS])
    assert problem == (
        f"{database_address(url).server} is a connection pooler; set PLAUDIT_DIRECT_DATABASE_URL too, to PostgreSQL's own "
        "address."
    )


async def test_a_database_that_is_not_migrated(empty: str) -> None:
    by = settings(empty)
    async with pools(by):
        _, problem = await check(by, [LISTS])
        with pytest.raises(UnreadyError, match="run: plaudit migrate"):
            async with ready_database(by):
                pass
    assert (
        problem
        == f"The database {database_address(empty)} is not migrated to this version of Plaudit; run: plaudit migrate"
    )


async def test_a_database_of_an_older_version(migrated: str) -> None:
    await run(migrated, "delete from tortoise_migrations where name = (select max(name) from tortoise_migrations)")
    by = settings(migrated)
    async with pools(by):
        _, problem = await check(by, [LISTS])
    assert problem is not None
    assert problem.endswith("run: plaudit migrate")


async def test_a_newer_database_is_refused_by_commands_but_not_by_running_processes(migrated: str) -> None:
    await run(
        migrated, "insert into tortoise_migrations (app, name, applied_at) values ('models', '9999_later', now())"
    )
    by = settings(migrated)
    async with pools(by):
        state, problem = await check(by, [LISTS])
        assert problem is None
        assert state is not None
        assert state.newer == {"9999_later"}
        with pytest.raises(UnreadyError, match=r"newer version of Plaudit \(9999_later\)"):
            async with ready_database(by):
                pass
    with pytest.raises(UnreadyError, match=r"newer version of Plaudit \(9999_later\)"):
        await migrate(by)


async def test_a_demos_database_is_refused_outside_the_demo(migrated: str) -> None:
    await run(os.environ[ADDRESS], f"alter database {database_address(migrated).name} set plaudit.demo = 'on'")
    for env in ("development", "production"):
        given = {
            "env": env,
            "secret": "c27be4905ad1f83660947e2bd83fa51c",
            "base_url": "https://reviews.example.com",
            "smtp_url": "smtp://relay.example.com",
        }
        (message,) = await messages_of_each_command(migrated, **given)
        assert f"belongs to a demo, but PLAUDIT_ENV is {env}" in message
    async with pools(settings(migrated, env="demo")), ready_database(settings(migrated, env="demo")):
        pass


async def test_the_demos_environment_is_refused_on_another_database(migrated: str) -> None:
    (message,) = await messages_of_each_command(migrated, env="demo")
    assert "Unset PLAUDIT_ENV" in message


async def test_with_a_pooler_the_message_names_the_incorrect_setting(migrated: str) -> None:
    by = settings(migrated, direct_database_url="postgresql://me@127.0.0.1:1/name")
    async with pools(by):
        _, problem = await check(by, [LISTS])
    assert problem == ("PostgreSQL at 127.0.0.1:1 cannot be reached; start it, or correct PLAUDIT_DIRECT_DATABASE_URL.")
    with pytest.raises(UnreadyError, match="PLAUDIT_DIRECT_DATABASE_URL"):
        await migrate(by)
