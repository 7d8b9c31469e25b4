"""`python -m tests.mutants` plants one mistake at a time in a copy of the tree and runs the tests named for it.

A mistake is found if a test fails and survives if all pass; if tests cannot be collected or do not end in time, the result
says nothing. The run fails unless every mistake is found. Arguments select mutants by part of their file name or sentence.
"""

import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from plaudit.postgres import EmbeddedPostgres
from tests.conftest import ADDRESS, KEPT
from tests.mutants.planted import ROOT, Mutant, mutants, stale

WORKERS = 2
RUN_SECONDS, BASELINE_SECONDS = 600, 1800
"""Time limits for one mistake's tests, and for all tests without a mistake; only runs that no test's own limit ends exceed
them."""
_MIGRATING = (
    "models/migrations/",
    "models/tables/",
    "models/commands/jobs.py",
    "plaudit/database.py",
    "plaudit/grants.py",
    "plaudit/pool.py",
    "plaudit/roles.py",
)
"""What makes the tests' database. With a mistake elsewhere, they use the one of the run before."""
_NOT_COPIED = (".git", ".venv", ".plaudit", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis")


class Verdict(StrEnum):
    FOUND = "found"
    SURVIVED = "SURVIVED"
    NOT_RUN = "NOT RUN"
    HANGS = "HANGS"


_VERDICTS = {0: Verdict.SURVIVED, 1: Verdict.FOUND}
"""By pytest's exit code."""


@dataclass
class Workplace:
    """A copy of the tree with its own PostgreSQL server; `is_migrated`: which has the database that the code as it is makes."""

    tree: Path
    database_url: str
    is_migrated: bool = False

    def run(self, tests: Sequence[str], seconds: float = RUN_SECONDS) -> tuple[Verdict, str]:
        """Runs these tests on the current tree; the verdict and pytest's output."""
        environment = os.environ | {ADDRESS: self.database_url, "PYTHONPATH": str(self.tree)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if self.is_migrated:
            environment[KEPT] = "1"
        options = ("-x", "-q", "-p", "no:cacheprovider")
        command = [sys.executable, "-m", "pytest", *options, *tests]
        try:
            done = subprocess.run(
                command, cwd=self.tree, env=environment, capture_output=True, text=True, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            return Verdict.HANGS, ""
        verdict = _VERDICTS.get(done.returncode, Verdict.NOT_RUN)
        self.is_migrated |= verdict is not Verdict.NOT_RUN
        return verdict, done.stdout + done.stderr

    def try_one(self, mutant: Mutant) -> tuple[Verdict, str]:
        path = self.tree / mutant.file
        original, status = path.read_text(), path.stat()
        path.write_text(mutant.planted_in(original))
        is_migrating = mutant.file.startswith(_MIGRATING)
        self.is_migrated &= not is_migrating
        try:
            return self.run(mutant.tests)
        finally:
            path.write_text(original)
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # what was compiled of it is up to date again
            self.is_migrated &= not is_migrating


@contextmanager
def workplace() -> Iterator[Workplace]:
    folder = Path(tempfile.mkdtemp(prefix="plaudit-mutants-"))
    postgres = EmbeddedPostgres(folder / "postgres", durable=False)
    try:
        tree = folder / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*_NOT_COPIED))
        yield Workplace(tree, postgres.start())
    finally:
        postgres.destroy()
        shutil.rmtree(folder)


def select(words: Sequence[str]) -> list[Mutant]:
    return [one for one in mutants() if not words or any(word in one.file or word in one.mistake for word in words)]


def print_now(text: str) -> None:
    print(text, flush=True)


def pass_without_mistakes(places: Sequence[Workplace], planned: Sequence[Mutant]) -> bool:
    """Whether the tests pass without a mistake; a test that always fails would find everything."""
    files = sorted({test.partition("::")[0] for one in planned for test in one.tests})
    halves = [files[number :: len(places)] for number in range(len(places))]
    with ThreadPoolExecutor(len(places)) as pool:
        runs = [
            pool.submit(place.run, half, BASELINE_SECONDS) for place, half in zip(places, halves, strict=True) if half
        ]
    for run in runs:
        verdict, output = run.result()
        if verdict is not Verdict.SURVIVED:
            print_now(f"Without a mistake, the verdict of the tests is {verdict}:\n{output[-3000:]}")
            return False
    return True


def try_all(places: Sequence[Workplace], planned: Sequence[Mutant]) -> list[tuple[Mutant, Verdict]]:
    """Tries each mistake in the next free workplace."""
    free: queue.SimpleQueue[Workplace] = queue.SimpleQueue()
    for place in places:
        free.put(place)

    def judge(mutant: Mutant) -> tuple[Mutant, Verdict]:
        place, started = free.get(), time.monotonic()
        try:
            verdict, output = place.try_one(mutant)
        finally:
            free.put(place)
        print_now(f"{verdict:8} {time.monotonic() - started:5.1f} s  {mutant.file}: {mutant.mistake}")
        if verdict is Verdict.NOT_RUN:
            print_now(output[-2000:])
        return mutant, verdict

    with ThreadPoolExecutor(len(places)) as pool:
        return list(pool.map(judge, planned))


def main(words: Sequence[str]) -> int:
    planned = select(words)
    if wrong := list(stale(planned)):
        print_now("\n".join(["The list does not match the code:", *wrong]))
        return 1
    with ExitStack() as stack:
        places = [stack.enter_context(workplace()) for _ in range(WORKERS)]
        if not pass_without_mistakes(places, planned):
            return 1
        missed = [one for one, verdict in try_all(places, planned) if verdict is not Verdict.FOUND]
    print_now(f"{len(planned)} mistakes planted, {len(planned) - len(missed)} found.")
    return 1 if missed or not planned else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
