"""Resolvers called by plans get the same arguments as from Strawberry."""

from datetime import date
from enum import Enum
from typing import Any

import strawberry
from graphql import FieldNode, OperationDefinitionNode, parse, validate
from graphql.execution.values import VariableValues, VariableValueSource, get_argument_values, get_variable_values
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schema.calls import call_of
from schema.operations import Operation
from schema.plans import Info
from schema.scalars import OVERRIDES


@strawberry.enum
class Size(Enum):
    SMALL = "small"
    LARGE = "large"


@strawberry.input
class Box:
    width: int = 1
    label: str | None = None


@strawberry.type
class Query:
    @strawberry.field
    def echo(
        self,
        info: strawberry.Info[Any, Any],
        id: strawberry.ID,
        text: str = "default",
        first: int | None = None,
        is_new: bool | None = True,
        size: Size = Size.SMALL,
        day: date | None = None,
        numbers: list[int] | None = None,
        box: Box | None = None,
    ) -> str:
        return repr((info.field_name, id, text, first, is_new, size, day, numbers, box))

    @strawberry.field
    @staticmethod
    def still() -> str:
        return "still"


SCHEMA = strawberry.Schema(Query, scalar_overrides=OVERRIDES)._schema
TYPES = {
    "id": "ID!",
    "text": "String",
    "first": "Int",
    "isNew": "Boolean",
    "size": "Size",
    "day": "Date",
    "numbers": "[Int!]",
    "box": "Box",
}
LITERALS: dict[str, list[str]] = {
    "id": ['"a"', "7"],
    "text": ['"given"'],
    "first": ["3", "null"],
    "isNew": ["false", "null"],
    "size": ["LARGE"],
    "day": ['"2026-05-01"', "null"],
    "numbers": ["[1, 2]", "3", "null"],
    "box": ["{}", '{width: 2, label: "b"}', "null"],
}
VALUES: dict[str, list[Any]] = {
    "id": ["a", 7, None, 1.5],
    "text": ["given", None, 7],
    "first": [3, 3.0, True, "3", None, 2**31],
    "isNew": [True, None, 1],
    "size": ["LARGE", "HUGE", None],
    "day": ["2026-05-01", "May", None],
    "numbers": [[1, 2], 3, [None], None],
    "box": [{}, {"width": 2}, {"width": "2"}, None],
}


@st.composite
def asked(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An operation, and values of its variables, some of them wrong."""
    declared, arguments, values = [], [], {}
    for name in ["id", *draw(st.lists(st.sampled_from([*TYPES][1:]), unique=True, max_size=3))]:
        if draw(st.booleans()):
            arguments.append(f"{name}: {draw(st.sampled_from(LITERALS[name]))}")
            continue
        kind = TYPES[name] if name == "id" or draw(st.booleans()) else f"{TYPES[name]}!"
        default = f" = {draw(st.sampled_from(LITERALS[name]))}" if draw(st.integers(0, 3)) == 0 else ""
        declared.append(f"${name}: {kind}{default}")
        arguments.append(f"{name}: ${name}")
        if draw(st.integers(0, 4)):
            values[name] = draw(st.sampled_from(VALUES[name]))
    head = f"query ({', '.join(declared)})" if declared else "query"
    return f"{head} {{ echo({', '.join(arguments)}) }}", values


def operation_of(text: str) -> tuple[OperationDefinitionNode, FieldNode] | None:
    document = parse(text)
    if validate(SCHEMA, document):
        return None
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    (field,) = operation.selection_set.selections
    assert isinstance(field, FieldNode)
    return operation, field


def given_of(source: tuple[str, VariableValueSource]) -> tuple[str, str, Any]:
    """What a variable is declared as, and what was given for it."""
    name, (signature, value) = source
    return name, str(signature.type), value


def answer(call: Any) -> str:
    try:
        return str(call())
    except Exception as error:  # noqa: BLE001 - compared
        return f"{type(error).__name__}: {error}"


@settings(max_examples=500)
@example(("query ($id: ID!, $first: Int) { echo(id: $id, first: $first) }", {"id": "a", "first": 2**31}))
@given(asked())
def test_variables_and_arguments_are_those_of_graphql_core_and_strawberry(given_: tuple[str, dict[str, Any]]) -> None:
    text, inputs = given_
    found = operation_of(text)
    if found is None:
        return
    node, field_node = found
    expected = get_variable_values(SCHEMA, node.variable_definitions or (), inputs)
    values = Operation(SCHEMA, node).values(inputs)
    if isinstance(expected, list):
        assert values is None
        return
    assert values
    assert values.coerced == expected.coerced
    assert [*map(given_of, values.sources.items())] == [*map(given_of, expected.sources.items())]
    assert SCHEMA.query_type
    field, info = SCHEMA.query_type.fields["echo"], Info(None, "echo", None)
    resolve = field.resolve
    assert resolve
    expected_answer = answer(lambda: resolve(None, info, **get_argument_values(field, field_node, values)))
    assert answer(lambda: call_of(SCHEMA, field, field_node, resolve)(None, values, info)) == expected_answer


def test_a_resolver_that_takes_nothing_is_called() -> None:
    found = operation_of("{ still }")
    assert found
    assert SCHEMA.query_type
    field = SCHEMA.query_type.fields["still"]
    assert field.resolve
    assert (
        call_of(SCHEMA, field, found[1], field.resolve)(None, VariableValues({}, {}), Info(None, "still", None))
        == "still"
    )
