"""An administrator's script prepares a login that owns nothing but its database."""

import subprocess
from collections.abc import Iterator
from urllib.parse import quote

import asyncpg
import pytest
from tortoise.context import TortoiseContext

from models.connection import COMMANDS, fetch_one, pool
from plaudit.database import config, migrate
from plaudit.grants import ROLES
from plaudit.postgres import EmbeddedPostgres
from plaudit.roles import MigrationRefusedError, script

ODD = "o'dd \"one"
"""A name that needs quoting, both ways."""


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A new server for each test, since roles belong to servers."""
    one = EmbeddedPostgres(tmp_path_factory.mktemp("server"), durable=False)
    one.start()
    yield one
    one.destroy()


def psql(server: EmbeddedPostgres, text: str) -> str:
    """Runs psql as the administrator."""
    command = [str(server.bin / "psql"), "--no-psqlrc", "--quiet", "--tuples-only", server.url]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=30, check=True)  # noqa: S603 - ours
    assert done.stderr == ""
    return done.stdout


def url_of(server: EmbeddedPostgres, login: str, database: str) -> str:
    at = server.url.rpartition("@")[2].partition("/")[0]
    return f"postgresql://{quote(login, safe='')}:secret@{at}/{quote(database, safe='')}"


async def can_act(url: str) -> bool:
    """Whether the gateway's pools can be opened."""
    async with TortoiseContext() as context:
        await context.init(config=config(url))
        return bool(await fetch_one(pool(COMMANDS), "select 1 from account having true"))


@pytest.mark.parametrize("name", ["plaudit", ODD])
async def test_after_the_script_the_login_migrates_and_serves(server: EmbeddedPostgres, name: str) -> None:
    url = url_of(server, name, name)
    for _ in range(2):  # again, it changes nothing
        psql(server, script(url))
    psql(server, "alter role \"{}\" password 'secret'".format(name.replace('"', '""')))
    await migrate(url)
    await migrate(url)
    assert await can_act(url)
    connection = await asyncpg.connect(url)
    mine = await connection.fetchrow(
        "select rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user"
    )
    await connection.close()
    assert tuple(mine) == (False, False, False)


async def test_without_the_script_the_migration_says_what_to_run(server: EmbeddedPostgres) -> None:
    psql(server, "create role modest login password 'secret'; create database modest owner modest")
    with pytest.raises(MigrationRefusedError, match=r"plaudit migrate --print-roles \| psql postgres"):
        await migrate(url_of(server, "modest", "modest"))


async def test_a_login_that_created_the_roles_can_act_as_them(server: EmbeddedPostgres) -> None:
    """As on most hosted PostgreSQL services; from version 16, a role's creator can grant it but not use it."""
    psql(server, "create role hosted login createrole password 'secret'; create database hosted owner hosted")
    url = url_of(server, "hosted", "hosted")
    await migrate(url)
    assert await can_act(url)


async def test_roles_created_by_another_database_are_reused(server: EmbeddedPostgres) -> None:
    psql(server, "".join(f"create role {role} nologin;" for role in ROLES))
    await migrate(server.url)
    assert await can_act(server.url)
