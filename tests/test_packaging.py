"""The rooms have plain names, and one of the same name in site-packages would win silently."""

import ast
import re
import sys
import tomllib
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
PROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text())
ROOMS = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


@pytest.mark.parametrize("room", ROOMS)
def test_the_room_that_is_imported_is_ours(room: str) -> None:
    assert Path(str(import_module(room).__file__)).parent == HOUSE / room


def test_every_room_is_in_the_wheel_in_the_import_table_and_type_checked() -> None:
    here = {path.parent.name for path in HOUSE.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert here == set(ROOMS)
    assert here == set(PROJECT["tool"]["importlinter"]["root_packages"])
    assert here < set(PROJECT["tool"]["mypy"]["packages"])


def imported(room: str) -> set[str]:
    """The top-level packages that a room imports from elsewhere."""
    names: set[str] = set()
    for path in (HOUSE / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - set(ROOMS)


def test_everything_that_is_imported_is_declared() -> None:
    declared = {re.split(r"[<>=\[]", one)[0] for one in PROJECT["project"]["dependencies"]}
    distributions = packages_distributions()
    needed = {distributions[name][0].lower().replace("_", "-") for room in ROOMS for name in imported(room)}
    assert needed - declared == set()


@pytest.mark.parametrize("lock", ["run.txt", "build.txt", "dev.txt"])
def test_the_locks_name_no_index_and_no_machine(lock: str) -> None:
    text = (HOUSE / "requirements" / lock).read_text()
    assert "--hash=sha256:" in text
    assert not [line for line in text.splitlines() if "index" in line.split("==")[0] or "://" in line or " /" in line]
