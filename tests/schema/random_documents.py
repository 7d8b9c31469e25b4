"""Random documents over the whole schema: aliases, fragments, merged selections, directives, variables and interfaces."""

import random
from dataclasses import dataclass, field

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    get_named_type,
    is_leaf_type,
)

from tests.schema.wild_values import Kind, objects, schema


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
