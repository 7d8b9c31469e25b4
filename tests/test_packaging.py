"""Imports find our packages, not ones of the same name in site-packages, and packaging covers all of them."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


@pytest.mark.parametrize("package", PACKAGES)
def test_imported_package_is_ours(package: str) -> None:
    assert Path(str(import_module(package).__file__)).parent == ROOT / package


def test_every_package_is_in_the_wheel_the_import_contracts_and_the_type_check() -> None:
    here = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert here == set(PACKAGES)
    assert here == set(PROJECT["tool"]["importlinter"]["root_packages"])
    assert here < set(PROJECT["tool"]["mypy"]["packages"])


def imported(package: str) -> set[str]:
    """The third-party packages that one of ours imports."""
    names: set[str] = set()
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - set(PACKAGES)


def test_every_import_is_a_declared_dependency() -> None:
    declared = {re.split(r"[<>=\[]", one)[0] for one in PROJECT["project"]["dependencies"]}
    distributions = packages_distributions()
    needed = {distributions[name][0].lower().replace("_", "-") for package in PACKAGES for name in imported(package)}
    assert needed - declared == set()


def test_the_wheel_carries_the_built_console(tmp_path: Path) -> None:
    assert (ROOT / "console" / "dist" / "index.html").is_file(), "run: make console"
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)  # noqa: S603 - the build of this project
    with ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    built = {f"plaudit/console_files/console/{file.name}" for file in (ROOT / "console" / "dist" / "console").iterdir()}
    assert built
    assert {"plaudit/console_files/index.html", *built} <= names


@pytest.mark.parametrize("lock", ["run.txt", "build.txt", "console.txt", "dev.txt"])
def test_lock_files_have_hashes_and_no_index_urls_or_local_paths(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    assert "--hash=sha256:" in text
    assert not [line for line in text.splitlines() if "index" in line.split("==")[0] or "://" in line or " /" in line]
