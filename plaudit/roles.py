"""Creates the gateway's roles: in the migration if its login is allowed to, otherwise by an administrator's script."""

from contextlib import suppress
from urllib.parse import unquote, urlsplit

import asyncpg

from plaudit.grants import ROLES


class MigrationRefusedError(RuntimeError):
    """The login lacks privileges that the migration needs, or another migration does not end; the message says what to do."""


async def make_roles(connection: asyncpg.Connection) -> None:
    """Creates missing roles and grants them to the login. Raises MigrationRefusedError."""
    try:
        for role in ROLES:
            if not await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
                # The migration of another database on this server may create it first.
                with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
                    await connection.execute(f"create role {role} nologin")
            if not await _can_set_role(connection, role):
                await connection.execute(f"grant {role} to current_user")
    except asyncpg.InsufficientPrivilegeError as refused:
        login = await connection.fetchval("select current_user")
        raise MigrationRefusedError(
            f"The login {login} cannot create or use the roles {' and '.join(ROLES)}. Ask a PostgreSQL administrator to "
            "run this once: plaudit migrate --print-roles | psql postgres"
        ) from refused


async def _can_set_role(connection: asyncpg.Connection, role: str) -> bool:
    """Tries it, since from PostgreSQL 16 the creator of a role is a member, but cannot assume it yet."""
    try:
        async with connection.transaction():
            await connection.execute(f"set local role {role}")
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True


def script(url: str) -> str:
    """A psql script for an administrator that creates the roles, and the login and database of this URL, if missing."""
    at = urlsplit(url)
    login, database = unquote(at.username or "plaudit"), unquote(at.path[1:])
    made = [_role(role, "nologin") for role in ROLES]
    owner = _identifier(login)
    return "\n".join(
        [
            "-- Run once as a superuser, in any database of the server. Does not change anything that already exists.",
            "\\set ON_ERROR_STOP on",
            "set client_min_messages = warning;",
            *made,
            _role(login, "login"),
            f"grant {', '.join(ROLES)} to {owner};",
            _unless(
                f"create database {_identifier(database)} owner {owner}",
                f"from pg_database where datname = {_literal(database)}",
            ),
            f"-- If the login is new, give it the password of PLAUDIT_DATABASE_URL: \\password {login}",
            "",
        ]
    )


def _role(name: str, options: str) -> str:
    return _unless(f"create role {_identifier(name)} {options}", f"from pg_roles where rolname = {_literal(name)}")


def _unless(statement: str, there: str) -> str:
    return f"select {_literal(statement)} where not exists (select {there}) \\gexec"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
