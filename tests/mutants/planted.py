"""Reads the list of mistakes from the TOML files in this folder and checks it against the code."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent


@dataclass(frozen=True, slots=True)
class Mutant:
    """`old` occurs once in `file` and becomes `new`; one of `tests` (paths, or paths with a test's name) must fail."""

    mistake: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def planted_in(self, text: str) -> str:
        return text.replace(self.old, self.new)


def mutants() -> list[Mutant]:
    """All mistakes, file by file."""
    return [_mutant(entry) for path in sorted(FOLDER.glob("*.toml")) for entry in _entries(path)]


def _entries(path: Path) -> list[dict[str, str]]:
    return list(tomllib.loads(path.read_text())["mutant"])


def _mutant(entry: dict[str, str]) -> Mutant:
    return Mutant(entry["mistake"], entry["file"], entry["old"], entry["new"], tuple(entry["tests"].split()))


def stale(planned: list[Mutant], root: Path = ROOT) -> Iterator[str]:
    """Sentences about entries that no longer match the code."""
    for one in planned:
        path = root / one.file
        found = path.read_text().count(one.old) if path.is_file() else 0
        if found != 1:
            yield f"{one.file}: '{one.old}' occurs {found} times, not once ({one.mistake})"
        if one.old == one.new:
            yield f"{one.file}: old and new are the same ({one.mistake})"
        for test in one.tests:
            if not (root / test.partition("::")[0]).exists():
                yield f"{test}: this test does not exist ({one.mistake})"
