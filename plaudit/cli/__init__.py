"""The command `plaudit`: a file for each subcommand."""

import sys

import asyncpg
import cyclopts
from tortoise.exceptions import OperationalError

from plaudit import logs
from plaudit.cli.apply import apply
from plaudit.cli.demo import demo
from plaudit.cli.migrate import migrate
from plaudit.cli.serve import serve
from plaudit.cli.token import token
from plaudit.cli.worker import worker
from plaudit.database import LOST, MigrationRefusedError
from plaudit.postgres import PostgresError
from plaudit.run import AddressTakenError, GatewayEndedError
from plaudit.settings import SettingsError
from provisioning import ApplyError

app = cyclopts.App(name="plaudit", help="Asks customers for reviews, and serves one GraphQL API over it.")
for _command in (serve, worker, migrate, apply, token, demo):
    app.command(_command)

_TOLD = (SettingsError, ApplyError, PostgresError, MigrationRefusedError, AddressTakenError, GatewayEndedError)
"""Errors whose message is for the person at the shell."""


_NOT_MIGRATED = (OperationalError, asyncpg.UndefinedTableError, asyncpg.InvalidParameterValueError)


def main() -> None:
    logs.configure()
    try:
        app()
    except _TOLD as error:
        sys.exit(str(error))
    except _NOT_MIGRATED as error:
        if "does not exist" not in str(error):
            raise
        sys.exit(f"This database is not up to date ({error}); run plaudit migrate.")
    except LOST as error:
        sys.exit(f"The database cannot be reached: {error}. Is PLAUDIT_DATABASE_URL right, and PostgreSQL running?")
    except BaseExceptionGroup as group:
        told, rest = group.split(_TOLD)
        if rest or not told:
            raise
        sys.exit(str(_first(told)))


def _first(group: BaseExceptionGroup) -> BaseException:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
