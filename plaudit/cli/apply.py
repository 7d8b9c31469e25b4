"""`plaudit apply`: accounts, members, locations and sequences as one file."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from plaudit.readiness import acting
from plaudit.settings import load
from provisioning import apply as apply_text


async def apply(file: Annotated[Path, Parameter(allow_leading_hyphen=True)]) -> None:
    """Bring accounts, agencies, members, locations and sequences to what a file says; see docs/apply.md.

    Parameters
    ----------
    file
        A YAML file; - reads it from standard input.
    """
    settings = load()
    text = _read(file)
    async with acting(settings):
        applied = await apply_text(text)
    for line in [*applied.made, *applied.left]:
        print(line)
    if not applied.made:
        print("Nothing was changed: everything is as the file says.")


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        sys.exit(f"{file} cannot be read: {reason}.")
