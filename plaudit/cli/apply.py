"""`plaudit apply`: applies a file of accounts, members, locations and sequences."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from plaudit.readiness import ready_database
from plaudit.settings import load
from provisioning import Applied
from provisioning import apply as apply_text


async def apply(file: Annotated[Path, Parameter(allow_leading_hyphen=True)], *, dry_run: bool = False) -> None:
    """Create and change accounts, agencies, members, locations and sequences as a file says; see docs/apply.md.

    Parameters
    ----------
    file
        A YAML file; - reads it from standard input.
    dry_run
        Only print what would change.
    """
    if str(file).startswith("--"):
        sys.exit(f"Unknown option {file}; see plaudit apply --help.")
    settings = load()
    text = _read(file)
    async with ready_database(settings):
        applied = await apply_text(text, dry_run=dry_run)
    for line in _report(applied, dry_run=dry_run):
        print(line)


def _report(applied: Applied, *, dry_run: bool) -> list[str]:
    if not applied.made:
        return [*applied.left, "Nothing to change: everything already matches the file."]
    lines = [*applied.made, *applied.left]
    return ["Dry run, nothing was changed. Without --dry-run:", *lines] if dry_run else lines


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        sys.exit(f"Cannot read {file}: {reason}.")
