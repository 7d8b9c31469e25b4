"""The command `plaudit`: a file for each subcommand."""

import os
import sys

import cyclopts

from plaudit import logs
from plaudit.cli.apply import apply
from plaudit.cli.check import check
from plaudit.cli.demo import demo
from plaudit.cli.import_list import import_list
from plaudit.cli.login import login
from plaudit.cli.migrate import migrate
from plaudit.cli.serve import serve
from plaudit.cli.token import token
from plaudit.cli.worker import worker
from plaudit.postgres import PostgresError
from plaudit.readiness import UnreadyError
from plaudit.roles import MigrationRefusedError
from plaudit.run import AddressTakenError, GatewayEndedError
from plaudit.settings import SettingsError
from provisioning import ApplyError

app = cyclopts.App(name="plaudit", help="A self-hosted GraphQL API for collecting customer reviews.")
for _command in (serve, worker, migrate, apply, login, token, check, demo):
    app.command(_command)
app.command(import_list, name="import")

_USER_ERRORS = (
    SettingsError,
    ApplyError,
    PostgresError,
    UnreadyError,
    MigrationRefusedError,
    AddressTakenError,
    GatewayEndedError,
)
"""Errors printed as their message, without a traceback."""


def main() -> None:
    logs.configure()
    try:
        app()
    except _USER_ERRORS as error:
        sys.exit(str(error))
    except BrokenPipeError:  # the reader of the output has exited, as in `plaudit apply FILE | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except BaseExceptionGroup as group:
        expected, rest = group.split(_USER_ERRORS)
        if rest or not expected:
            raise
        sys.exit(str(_first(expected)))


def _first(group: BaseExceptionGroup) -> BaseException:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
