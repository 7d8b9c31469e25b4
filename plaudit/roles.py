"""Making the gateway's roles: by the migration where its login may, else by an administrator."""

from contextlib import suppress
from urllib.parse import unquote, urlsplit

import asyncpg

from plaudit.grants import ROLES


class MigrationRefusedError(RuntimeError):
    """The database's login may not do what a migration needs; the message says what an administrator has to run."""


async def make_roles(connection: asyncpg.Connection) -> None:
    """Makes what is missing of the roles and lets the login take them on; raises MigrationRefusedError."""
    try:
        for role in ROLES:
            if not await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
                # Of several databases on one server, another one's migration may be first.
                with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
                    await connection.execute(f"create role {role} nologin")
            if not await _may_take_on(connection, role):
                await connection.execute(f"grant {role} to current_user")
    except asyncpg.InsufficientPrivilegeError as refused:
        login = await connection.fetchval("select current_user")
        raise MigrationRefusedError(
            f"The login {login} may not make or take on the roles {' and '.join(ROLES)}, and need not. An administrator "
            "of this PostgreSQL makes them once: plaudit migrate --print-roles | psql postgres"
        ) from refused


async def _may_take_on(connection: asyncpg.Connection, role: str) -> bool:
    """Tried, not looked up: since PostgreSQL 16 whoever makes a role is a member of it who may not yet act as it."""
    try:
        async with connection.transaction():
            await connection.execute(f"set local role {role}")
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True


def script(url: str) -> str:
    """What an administrator runs in psql once: the roles, the login and the database of this URL, as far as missing."""
    at = urlsplit(url)
    login, database = unquote(at.username or "plaudit"), unquote(at.path[1:])
    made = [_role(role, "nologin") for role in ROLES]
    owner = _identifier(login)
    return "\n".join(
        [
            "-- Run once by a superuser, in any database of the server. It changes nothing that is there already.",
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
