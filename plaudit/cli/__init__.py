"""The command `plaudit`: a file for each subcommand."""

import os
import sys

import cyclopts

from plaudit import logs
from plaudit.cli.apply import apply
from plaudit.cli.demo import demo
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

app = cyclopts.App(name="plaudit", help="Asks customers for reviews, and serves one GraphQL API over it.")
for _command in (serve, worker, migrate, apply, token, demo):
    app.command(_command)

_TOLD = (
    SettingsError,
    ApplyError,
    PostgresError,
    UnreadyError,
    MigrationRefusedError,
    AddressTakenError,
    GatewayEndedError,
)
"""Errors whose message is for the person at the shell."""


def main() -> None:
    logs.configure()
    try:
        app()
    except _TOLD as error:
        sys.exit(str(error))
    except BrokenPipeError:  # whoever read our output has gone, as in `plaudit apply FILE | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except BaseExceptionGroup as group:
        told, rest = group.split(_TOLD)
        if rest or not told:
            raise
        sys.exit(str(_first(told)))


def _first(group: BaseExceptionGroup) -> BaseException:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
