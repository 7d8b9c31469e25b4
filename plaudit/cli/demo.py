"""`plaudit demo`: everything in one process, with demo data and its own PostgreSQL."""

import os
import sys
from pathlib import Path

from demo.seed import CUSTOMERS
from plaudit import demo_server
from plaudit.cli.options import Port
from plaudit.demo_folder import DemoPaths, make_private
from plaudit.run import on_signals

MAX_CUSTOMERS = 1_000_000
_CHOOSE_FOLDER = "choose another folder with --data-dir or --tokens-file (make demo ARGS='--data-dir FOLDER')."


async def demo(
    *,
    port: Port = 8000,
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
        The file to write the tokens to; by default tokens.env in the data folder.
    data_dir
        The folder for the demo's data; delete it to start over.
    without_worker
        Do not run a worker; run `plaudit worker` separately.
    customers
        The number of customers of the first account, to try out larger data; applies only to the first start.
    """
    if not CUSTOMERS // 10 <= customers <= MAX_CUSTOMERS:
        sys.exit(f"--customers must be a number from {CUSTOMERS // 10} to {MAX_CUSTOMERS}.")
    os.umask(0o077)  # tokens, mails and logs are private
    for folder in (data_dir, (tokens_file or data_dir / "tokens.env").parent):
        _refuse_unwritable(folder)
    make_private(data_dir)
    paths = DemoPaths(data_dir, tokens_file or data_dir / "tokens.env", port)
    await demo_server.run_demo(paths, on_signals(), worker=not without_worker, customers=customers)


def _refuse_unwritable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"{folder.absolute()} cannot be created ({error.strerror}); {_CHOOSE_FOLDER}")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        sys.exit(f"{folder.absolute()} is not writable; {_CHOOSE_FOLDER}")
