"""The command `plaudit`: a file for each subcommand."""

import os
import sys

import cyclopts

from plaudit import logs
from plaudit.cli.apply import apply
from plaudit.cli.check import check
from plaudit.cli.demo import demo
from plaudit.cli.failures import message_of
from plaudit.cli.import_list import import_list
from plaudit.cli.login import login
from plaudit.cli.migrate import migrate
from plaudit.cli.serve import serve
from plaudit.cli.token import token
from plaudit.cli.worker import worker

app = cyclopts.App(name="plaudit", help="A self-hosted GraphQL API for collecting customer reviews.")
for _command in (serve, worker, migrate, apply, login, token, check, demo):
    app.command(_command)
app.command(import_list, name="import")


def main() -> None:
    logs.configure()
    try:
        app()
    except BrokenPipeError:  # the reader of the output has exited, as in `plaudit apply FILE | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (Exception, BaseExceptionGroup) as error:
        if (message := message_of(error)) is None:
            raise
        sys.exit(message)
