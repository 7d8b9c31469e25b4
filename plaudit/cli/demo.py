"""`plaudit demo`: everything in one process, with demo data, on a PostgreSQL of its own."""

import os
import sys
from pathlib import Path

from demo.seed import CUSTOMERS
from plaudit import demo_server
from plaudit.demo_folder import DemoPaths, make_private
from plaudit.run import on_signals

MAX_CUSTOMERS = 1_000_000
_ELSEWHERE = "name another folder by --data-dir or --tokens-file, with make by ARGS='--data-dir FOLDER'."


async def demo(
    *,
    port: int = 8000,
    tokens_file: Path | None = None,
    data_dir: Path = Path(".plaudit"),
    without_worker: bool = False,
    customers: int = CUSTOMERS,
) -> None:
    """Run everything in one process, with demo data, until SIGTERM or Ctrl-C.

    Parameters
    ----------
    port
        The port of the API and the mailbox.
    tokens_file
        Where to write the tokens; left out: tokens.env in the data folder.
    data_dir
        The folder that holds all that the demo keeps; remove it for a fresh start.
    without_worker
        Leave the background work to a `plaudit worker` of one's own.
    customers
        How many customers the first account has, for a look at size; counts at the first start.
    """
    if not CUSTOMERS // 10 <= customers <= MAX_CUSTOMERS:
        sys.exit(f"--customers is a number from {CUSTOMERS // 10} to {MAX_CUSTOMERS}.")
    if not 1 <= port <= 65535:
        sys.exit("--port is a number from 1 to 65535.")
    os.umask(0o077)  # nothing of a demo is for others: tokens, mails, logs
    for folder in (data_dir, (tokens_file or data_dir / "tokens.env").parent):
        _refuse_unwritable(folder)
    make_private(data_dir)
    place = DemoPaths(data_dir, tokens_file or data_dir / "tokens.env", port)
    await demo_server.run_demo(place, on_signals(), worker=not without_worker, customers=customers)


def _refuse_unwritable(folder: Path) -> None:
    """Before anything is made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"{folder.absolute()} cannot be made ({error.strerror}); {_ELSEWHERE}")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        sys.exit(f"{folder.absolute()} cannot be written to; {_ELSEWHERE}")
