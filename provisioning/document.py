"""Parses YAML and records the line of each value. Allows anchors and merges, but no duplicate keys."""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]
MAX_VALUES = 500_000
"""Prevents nested anchors from expanding until memory is exhausted."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A problem, its place, and what to write instead."""

    line: int
    place: str
    words: str

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", {self.place}" if self.place else "")
        return f"{where}: {self.words}"


class ApplyError(Exception):
    """All problems of the file, in line order. Nothing was changed."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class _Loader(yaml.SafeLoader):
    """Resolves fewer types than YAML 1.1: `no` stays a country or a language, and 9-19 or a date stays text."""

    yaml_implicit_resolvers = {}


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|false|False)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:0|[1-9][0-9]*)\.[0-9]+$", "-+0123456789"),
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("merge", r"^<<$", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


@dataclass(slots=True)
class Document:
    """The file's values, and the line of each value or its key."""

    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of the value at this path, or of the innermost value that contains it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def place(self, path: Path) -> str:
        """The path in words; list entries are named by their key."""
        names, value = [], self.value
        for part in path:
            value = _inside(value, part)
            called = (
                value.get("key") or value.get("subject") if isinstance(part, int) and isinstance(value, dict) else None
            )
            names.append(str(called or (part + 1 if isinstance(part, int) else part)))
        return ".".join(names)

    def problem(self, path: Path, words: str) -> Problem:
        return Problem(self.line(path), self.place(path), words)


def _inside(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def read(text: str) -> Document:
    """Parses the text. Raises ApplyError if it is not YAML. Duplicate keys are added to the document's problems."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        document = Document()
        if node is not None:
            document.value = _Reader(loader, document).value(node, (), ())
    except yaml.YAMLError as error:
        raise ApplyError([_unreadable(error)]) from error
    finally:
        loader.dispose()
    return document


def _unreadable(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    words = getattr(error, "problem", None) or "there is a character that YAML does not allow"
    return Problem(
        mark.line + 1 if mark else 1, "", f"This is not valid YAML: {words}. Check the indentation and the quotes."
    )


class _Reader:
    """Walks the nodes and records their lines."""

    def __init__(self, loader: _Loader, document: Document) -> None:
        self._loader, self._document, self._left = loader, document, MAX_VALUES

    def value(self, node: yaml.Node, path: Path, around: tuple[yaml.Node, ...]) -> Any:
        self._left -= 1
        if node in around or self._left < 0:
            raise yaml.MarkedYAMLError(
                problem="an anchor contains itself, or expands to too many values", problem_mark=node.start_mark
            )
        self._document.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, number), (*around, node)) for number, child in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, (*around, node))
        return self._loader.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, path: Path, around: tuple[yaml.Node, ...]) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: list[yaml.Node] = []
        for key, child in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                merged += child.value if isinstance(child, yaml.SequenceNode) else [child]
                continue
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            here, line = (*path, name), key.start_mark.line + 1
            if name in own:
                first = self._document.lines[here]
                words = f"{name} appears twice; the first is on line {first}. Remove one of them."
                self._document.problems.append(Problem(line, self._document.place(path), words))
                continue
            self._document.lines[here] = line
            own[name] = self.value(child, here, around)
        for one in merged:
            self._merge(one, own, path, around)
        return own

    def _merge(self, node: yaml.Node, own: dict[str, Any], path: Path, around: tuple[yaml.Node, ...]) -> None:
        """Merges keys that are missing here, with their lines, from the anchor."""
        if not isinstance(node, yaml.MappingNode):
            raise yaml.MarkedYAMLError(problem="<< needs an anchor of a mapping", problem_mark=node.start_mark)
        before = dict(self._document.lines)
        for name, value in self._mapping(node, path, (*around, node)).items():
            if name not in own:
                own[name] = value
        self._document.lines |= before
