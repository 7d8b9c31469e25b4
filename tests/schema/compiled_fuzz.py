"""Compares compiled selections with graphql-core: random documents over the whole schema, and objects that break their types.

`python -m tests.schema.compiled_fuzz --seconds 600` runs until the time is up, or a difference is found.
"""

import argparse
import asyncio
import json
import math
import random
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_introspection_type,
    is_leaf_type,
    parse,
    validate,
)

from models.rules.enums import AccountKind, PlanTier, Role
from models.rules.plan import facts_of
from models.rules.scope import Scope
from permissions import access
from permissions.viewer import AccountRow, Seat, Via
from schema import compiled
from schema.pace import Executor
from schema.root import build

ACCOUNTS = [UUID(int=number) for number in range(3)]
"""The viewer has a seat in all but the last."""
Kind = GraphQLObjectType | GraphQLInterfaceType


def seat(account_id: UUID, role: Role, tier: PlanTier, kind: AccountKind) -> Seat:
    row = AccountRow(account_id, "", kind, tier, facts_of(tier, {}), "UTC", 1, "DE", "de", None)
    return Seat(row, role, Via.OWN, Scope(account_id, all_locations=True, location_ids=()))


@cache
def schema() -> GraphQLSchema:
    """The schema below a query that returns each of its types; resolvers read attributes, every other one asynchronously."""
    core = build().core
    roots = {core.query_type, core.mutation_type, core.subscription_type}
    kinds = [one for one in core.type_map.values() if isinstance(one, Kind) and one not in roots]
    kinds = [one for one in kinds if not is_introspection_type(one)]
    for kind in kinds:
        for name, given in kind.fields.items():
            if not given.extensions["strawberry-definition"].is_basic_field:
                given.resolve = _resolver(kind, name, given)
    fields = {}
    for kind in kinds:
        fields[f"one{kind.name}"] = GraphQLField(kind, resolve=_root_value(kind.name))
        fields[f"sure{kind.name}"] = GraphQLField(GraphQLNonNull(kind), resolve=_root_value(kind.name))
        several = GraphQLList(GraphQLNonNull(kind))
        fields[f"all{kind.name}"] = GraphQLField(GraphQLNonNull(several), resolve=_root_value(f"{kind.name}s"))
        fields[f"some{kind.name}"] = GraphQLField(GraphQLList(kind), resolve=_root_value(f"{kind.name}s"))
    return GraphQLSchema(GraphQLObjectType("Query", fields), types=kinds)


@cache
def objects() -> list[GraphQLObjectType]:
    """The schema's types of objects."""
    kinds = [one for one in schema().type_map.values() if isinstance(one, GraphQLObjectType)]
    return [one for one in kinds if not is_introspection_type(one) and one is not schema().query_type]


def _root_value(name: str) -> Any:
    return lambda root, _info: root(name)


def _resolver(kind: Kind, name: str, given: GraphQLField) -> Any:
    attribute = given.extensions["strawberry-definition"].python_name
    rule = getattr(given.resolve, "rule", None)

    def resolve(source: Any, _info: Any, **_: Any) -> Any:
        found = source.__getattr__(attribute)  # the class has the resolver under this name
        return Later(found) if len(name) % 2 and found is not None else found

    return access._guarded(resolve, rule, f"{kind.name}.{name}") if rule else resolve


class Later:
    """An awaitable that nobody has to await."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Generator[Any, None, Any]:
        yield from asyncio.sleep(0).__await__()
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class Text(str):
    __slots__ = ()


class Row(list):  # type: ignore[type-arg]
    pass


WRONG = (
    None,
    Undefined,
    ValueError("stored as a value"),
    GraphQLError("stored as a value", extensions={"code": "X"}),
    True,
    0,
    2**31,
    -(2**31) - 1,
    1.5,
    math.nan,
    math.inf,
    "",
    "EMAIL",
    Text("text"),
    b"bytes",
    (),
    [None],
    ["x", None],
    {"id": "x"},
    Role.OWNER,
    datetime(2026, 1, 1, tzinfo=UTC),
    date(2026, 1, 1),
    object,
)


@dataclass
class Making:
    """Values for the schema's types, some of them wrong; the same for the same seed."""

    seed: str
    wrong: float
    """The share of leaf values that are wrong; of objects and lists, which hide what is below them, it is a fifth."""
    only: str | None = None
    """The only type of which values are wrong."""

    def value(self, kind: Any, path: str) -> Any:
        chance = random.Random(f"{self.seed}/{path}")
        if chance.random() < self.share(get_named_type(kind)):
            return self.wrong_value(kind, path, chance)
        return self.right_value(kind, path, chance)

    def share(self, kind: Any) -> float:
        """The share of wrong values of this type."""
        if self.only and kind.name != self.only:
            return 0
        return self.wrong if is_leaf_type(kind) else self.wrong / 5

    def wrong_value(self, kind: Any, path: str, chance: random.Random) -> Any:
        if chance.random() < 0.3:
            right = self.right_value(kind, path, chance)
            return chance.choice([Later(right), Later(ValueError("late")), iter([right]), (right,), [right]])
        if chance.random() < 0.5:
            return self.near_miss(kind, path, chance)
        return chance.choice(WRONG)

    def near_miss(self, kind: Any, path: str, chance: random.Random) -> Any:
        """What is easily taken for a value of this type."""
        kind = get_named_type(kind)
        if isinstance(kind, Kind):
            return self.object(chance.choice(objects()), path, chance)
        if isinstance(kind, GraphQLEnumType):
            return str(chance.choice([*kind.wrapped_cls]))  # type: ignore[attr-defined]
        return chance.choice(
            {"Int": [2**31, -(2**31) - 1, True, 1.0], "Float": [math.nan, -math.inf, 1]}.get(kind.name, [0, 1, 1.5])
        )

    def right_value(self, kind: Any, path: str, chance: random.Random) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self.present(kind.of_type, path, chance)
        return None if chance.random() < 0.1 else self.present(kind, path, chance)

    def present(self, kind: Any, path: str, chance: random.Random) -> Any:
        if isinstance(kind, GraphQLList):
            items = [self.value(kind.of_type, f"{path}.{number}") for number in range(chance.randint(0, 3))]
            return chance.choice([list, list, list, list, tuple, Row])(items)
        if isinstance(kind, GraphQLInterfaceType):
            kinds = sorted(schema().get_possible_types(kind), key=lambda one: one.name)
            return self.present(chance.choice(kinds), path, chance)
        if isinstance(kind, GraphQLObjectType):
            return self.object(kind, path, chance)
        return self.leaf(kind, chance)

    def leaf(self, kind: GraphQLScalarType | GraphQLEnumType, chance: random.Random) -> Any:
        if isinstance(kind, GraphQLEnumType):
            return chance.choice([*kind.wrapped_cls])  # type: ignore[attr-defined]
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(10**7))
        values: dict[str, Any] = {
            "String": chance.choice(["", "a", 'quoted "ü"\n', Text("text")]),
            "ID": f"id_{chance.randrange(100)}",
            "Int": chance.choice([0, -1, 2**31 - 1, True, 3.0, "7"]),
            "Float": chance.choice([0.0, -1.5, 3, True]),
            "Boolean": chance.choice([True, False, 1]),
            "DateTime": chance.choice([moment, moment.replace(tzinfo=None)]),
            "Date": moment.date(),
        }
        return values[kind.name]

    def object(self, kind: GraphQLObjectType, path: str, chance: random.Random) -> Any:
        definition = kind.extensions["strawberry-definition"]
        made: Any = object.__new__(_wild(definition.origin, kind.name))
        making = self
        types = {one.extensions["strawberry-definition"].python_name: one.type for one in kind.fields.values()}

        def find(name: str) -> Any:
            if name not in types:
                raise AttributeError(f"{kind.name} has no {name}")
            its_chance = random.Random(f"{making.seed}/{path}.{name}/how")
            if not making.only and its_chance.random() < making.wrong / 10:
                raise its_chance.choice([AttributeError("missing"), ValueError("raised"), GraphQLError("raised")])
            return making.value(types[name], f"{path}.{name}")

        made.__dict__.update(find=find, account_id=chance.choice(ACCOUNTS))
        return made


@cache
def _wild(origin: type, _name: str) -> type:
    """A subclass whose attributes are made when they are read, and kept."""

    def read(self: Any, name: str) -> Any:
        if name.startswith("__") or name == "find":
            raise AttributeError(name)
        if name not in self.__dict__:
            self.__dict__[name] = self.find(name)
        return self.__dict__[name]

    return type(origin.__name__, (origin,), {"__getattr__": read})


def requires_arguments(given: GraphQLField) -> bool:
    return any(isinstance(one.type, GraphQLNonNull) for one in given.args.values())


def leafs(kind: Kind) -> list[str]:
    """The fields without a selection."""
    return [
        name
        for name, one in kind.fields.items()
        if is_leaf_type(get_named_type(one.type)) and not requires_arguments(one)
    ]


def composite(kind: Kind) -> list[str]:
    """The fields with a selection."""
    return [
        name
        for name, one in kind.fields.items()
        if not is_leaf_type(get_named_type(one.type)) and not requires_arguments(one)
    ]


VARIABLES = {"a": "Boolean!", "b": "Boolean = true", "c": "Boolean = false"}


@dataclass
class Writing:
    """A random document."""

    chance: random.Random
    fragments: list[str] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)
    """The fragments on each type."""
    left: int = 60
    """How many more fields may be selected."""

    def document(self) -> str:
        root = schema().query_type
        assert root is not None
        names = self.chance.sample(sorted(root.fields), self.chance.randint(1, 3))
        if self.chance.random() < 0.3:
            names.append("allNode")
        chosen = [self.field(root, name) for name in names]
        if self.chance.random() < 0.5:
            chosen += self.twins(self.chance.choice([one for one in objects() if composite(one)]))
        body = " ".join([f"{{ {' '.join(chosen)} }}", *self.fragments])
        used = [f"${name}: {kind}" for name, kind in VARIABLES.items() if f"${name}" in body]
        return f"query ({', '.join(used)}) {body}" if used else body

    def twins(self, kind: Kind) -> list[str]:
        """The same fragment twice, merged with something else each time."""
        name = self.chance.choice(composite(kind))
        self.fragments.append(f"fragment Twin on {kind.name} {{ {self.field(kind, name, 1, alias='')} }}")
        merged = [self.field(kind, name, 1, alias="") for _ in range(2)]
        return [f"twin{number}: all{kind.name} {{ ...Twin {one} }}" for number, one in enumerate(merged)]

    def selection(self, kind: Kind, depth: int) -> str:
        parts = [self.part(kind, depth) for _ in range(self.chance.randint(1, 5))]
        chosen = self.chance.random()
        if chosen < 0.3:
            parts.append(self.chance.choice(parts))
        elif chosen < 0.5:
            parts += leafs(kind)
        return f"{{ {' '.join(parts)} }}"

    def part(self, kind: Kind, depth: int) -> str:
        chosen = self.chance.random()
        if chosen < 0.1:
            return "__typename" + self.directive()
        if chosen < 0.2 and depth:
            return f"...{self.condition(kind)}{self.directive()} {self.selection(kind, depth - 1)}"
        if chosen < 0.3 and depth:
            return self.spread(kind, depth)
        if isinstance(kind, GraphQLInterfaceType) and chosen < 0.7 and depth:
            possible = sorted(schema().get_possible_types(kind), key=lambda one: one.name)
            one = self.chance.choice(possible)
            return f"... on {one.name}{self.directive()} {self.selection(one, depth - 1)}"
        return self.field(kind, self.chance.choice(sorted(kind.fields)), depth)

    def condition(self, kind: Kind) -> str:
        return self.chance.choice(["", f" on {kind.name}"])

    def spread(self, kind: Kind, depth: int) -> str:
        known = self.names.get(kind.name)
        if known and self.chance.random() < 0.5:
            return f"...{self.chance.choice(known)}{self.directive()}"
        body = self.selection(kind, depth - 1)
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {kind.name} {body}")
        self.names.setdefault(kind.name, []).append(name)
        return f"...{name}{self.directive()}"

    def field(self, kind: Kind, name: str, depth: int = 4, alias: str | None = None) -> str:
        self.left -= 1
        given = kind.fields[name]
        if self.left < 0 or requires_arguments(given):
            return "__typename"
        if alias is None:
            alias = self.chance.choice(["", "", "", f"{name}{self.chance.randrange(2)}: "])
        inside = get_named_type(given.type)
        if not isinstance(inside, Kind):
            return f"{alias}{name}{self.directive()}"
        if not depth:
            return f"{alias}{name} {{ __typename }}"
        return f"{alias}{name}{self.directive()} {self.selection(inside, depth - 1)}"

    def directive(self) -> str:
        if self.chance.random() < 0.85:
            return ""
        condition = self.chance.choice(["$a", "$b", "$c", "true", "false"])
        return f" @{self.chance.choice(['skip', 'include'])}(if: {condition})"


@dataclass(frozen=True)
class Case:
    """One execution: its objects, the viewer's seats, and variables."""

    making: Making
    role: Role
    tier: PlanTier
    kind: AccountKind
    variables: dict[str, Any]

    @classmethod
    def of(cls, chance: random.Random) -> "Case":
        variables: dict[str, bool | None] = {"a": chance.random() < 0.5}
        for name in "bc":
            if chance.random() < 0.5:
                variables[name] = chance.choice([True, False, None])
        only = chance.choice([None, "Float", "Int", "Boolean", "String", "DateTime", "Channel"])
        making = Making(str(chance.random()), chance.choice([0.0, 0.05, 0.2, 0.5]), only)
        return cls(making, chance.choice([*Role]), chance.choice([*PlanTier]), chance.choice([*AccountKind]), variables)

    async def answer(self, document: DocumentNode) -> Any:
        seats = {one: seat(one, self.role, self.tier, self.kind) for one in ACCOUNTS[:-1]}
        kinds = {one.name: one for one in schema().type_map.values() if isinstance(one, Kind)}

        def root(name: str) -> Any:
            several = name.endswith("s") and name[:-1] in kinds
            return self.making.value(GraphQLList(kinds[name[:-1]]) if several else kinds[name], name)

        context = SimpleNamespace(seats=seats, denied=set())
        executor = Executor.build(schema(), document, root, context, self.variables)
        if isinstance(executor, list):
            return [str(one) for one in executor]
        result = executor.execute_operation()
        if not hasattr(result, "data"):
            result = await result
        errors = sorted(json.dumps(one.formatted, default=str) for one in result.errors or ())
        return json.dumps(result.data, default=str), errors


@dataclass
class Seen:
    """What has been compared so far."""

    documents: int = 0
    answers: int = 0
    with_errors: int = 0
    compiled: int = 0
    """Selections that were compiled."""


async def compare(seed: int, seen: Seen) -> None:
    """Executes a random document several times, compiled and not. Raises AssertionError at a difference."""
    chance = random.Random(seed)
    text = Writing(chance).document()
    document = parse(text)
    if validate(schema(), document):
        return
    cases = [Case.of(chance) for _ in range(3)]
    expected = [await one.answer(document) for one in cases]
    compiled.library.add(document)
    try:
        of_document = compiled.library.documents[id(document)]
        of_document.executions = 1
        for case, answer in zip(cases, expected, strict=True):
            found = await case.answer(document)
            assert found == answer, f"seed {seed}, {case}: {text}\n{answer}\n{found}"
            seen.answers += 1
            seen.with_errors += bool(answer[1])
        seen.compiled += sum(one is not None for one in of_document.made.values())
        seen.documents += 1
    finally:
        compiled.library.drop(document)


async def run(seconds: float, first: int = 0) -> Seen:
    """Compares random documents for so long."""
    seen, ends = Seen(), time.monotonic() + seconds
    seed = first
    while time.monotonic() < ends:
        await compare(seed, seen)
        seed += 1
    return seen


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    given = parser.parse_args()
    print(asyncio.run(run(given.seconds, given.first)))  # noqa: T201 - a command


if __name__ == "__main__":
    main()
