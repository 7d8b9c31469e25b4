"""The schema below a query that returns each of its types, and values for them that are missing, wrong, late or raise."""

import asyncio
import math
import random
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from graphql import (
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
)

from models.reads.account_rows import AccountRow
from models.reads.records import Column, Part
from models.rules.enums import AccountKind, ActivityKind, ActorKind, InvitationState, PlanTier, Role
from models.rules.scope import Scope
from permissions import access
from permissions.viewer import Seat, Via
from schema.compiled import readings_of
from schema.root import build

ACCOUNTS = [UUID(int=number) for number in range(3)]
"""The viewer has a seat in all but the last."""
Kind = GraphQLObjectType | GraphQLInterfaceType


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
            "String": chance.choice(["", "a", 'quoted "ü"\n', Text("text"), "long" * 100]),
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
        if readings_of(kind):
            own = seat(ACCOUNTS[0], Role.OWNER, PlanTier.PROFESSIONAL, AccountKind.BUSINESS)
            made.__dict__.update(record=WildRecord(self, kind, path), seat=own)
        return made


class WildRecord:
    """A record of which columns are wrong, or cannot be read, as often as other values."""

    def __init__(self, making: Making, kind: GraphQLObjectType, path: str) -> None:
        self.making, self.types, self.path = making, dict(_columns(kind)), path
        self.found: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.found:
            self.found[name] = self.value(name)
        if isinstance(self.found[name], KeyError):
            raise self.found[name]
        return self.found[name]

    def value(self, name: str) -> Any:
        chance, making = random.Random(f"{self.making.seed}/{self.path}/{name}"), self.making
        if not making.only and chance.random() < making.wrong / 10:
            return KeyError(name)
        if name in self.types:
            return making.value(self.types[name], f"{self.path}/{name}")
        if not making.only and chance.random() < making.wrong / 3:
            return chance.choice(WRONG)
        known = next(values for ending, values in _STORED.items() if name.endswith(ending))
        return chance.choice(known)


_STORED: dict[str, list[Any]] = {
    "r_id": [None, UUID(int=7)],
    "_id": [UUID(int=8), UUID(int=9)],
    "c_email": [None, "ann@example.com", "ann@xn--mller-kva.example"],
    "n_held_by": [None, None, "RELAY"],
    "i_suppressed": [True, False],
    "i_state": [str(one) for one in InvitationState],
    "i_state_reason": [None, "BOUNCED"],
    "n_reply": [None, "451 later"],
    "i_channels": [["EMAIL"], ["SMS", "EMAIL"], []],
    "r_sentiment": [None, "POSITIVE"],
    "r_matched_by": [None, "EMAIL"],
    "_actor_kind": [str(one) for one in ActorKind],
    "e_kind": [str(one) for one in ActivityKind],
    "_channel": [None, "EMAIL", "SMS"],
    "m_state": ["SCHEDULED", "SENT"],
    "a_kind": [str(one) for one in AccountKind],
    "a_plan": [str(one) for one in PlanTier],
    "": [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)],
}
"""Values by the ends of the names of columns of which others are made, the first that fits."""


def _columns(kind: GraphQLObjectType) -> Iterator[tuple[str, Any]]:
    """The columns that a view and its parts give as they are, with the types of the fields."""
    for field in kind.fields.values():
        reading = readings_of(kind).get(field.extensions["strawberry-definition"].python_name)
        if isinstance(reading, Part):
            yield from _columns(get_named_type(field.type))
        elif isinstance(reading, Column) and reading.by is None:
            yield reading.names[0], field.type


@cache
def seat(account_id: UUID, role: Role, tier: PlanTier, kind: AccountKind) -> Seat:
    row = AccountRow({"a_id": account_id, "a_kind": kind, "a_plan": tier, "a_overrides": "{}"})
    return Seat(row, role, Via.OWN, Scope(account_id, all_locations=True, location_ids=()))


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
