"""Calls resolvers from plans: what does not depend on variables is prepared once.

Strawberry's own way is taken wherever a constant argument is more than a plain value.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import strawberry
from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    VariableNode,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
)
from graphql.execution.values import get_argument_values
from graphql.utilities import coerce_input_literal
from strawberry.types.arguments import convert_argument

Call = Callable[[Any, Any, Any], Any]
"""Takes the parent object, the values of the variables and what the resolver may use of GraphQLResolveInfo."""
_MISSING = object()


class _Variable(NamedTuple):
    """An argument whose value is a variable's. `convert` makes an object of it, if it is more than a plain value; `is_required`: it
    has no default and must not be null."""

    python_name: str
    name: str
    convert: Callable[[Any], Any] | None
    is_required: bool
    is_nullable: bool


def call_of(schema: GraphQLSchema, field: GraphQLField, node: FieldNode, resolve: Callable[..., Any]) -> Call:
    """Calls the resolver of a field as it is selected."""
    takes_arguments = bool(field.args or node.arguments)

    def call(source: Any, variables: Any, info: Any) -> Any:
        given = get_argument_values(field, node, variables) if takes_arguments else {}
        return resolve(source, info, **given)

    return _prepared(schema, field, node, call) or call


def _prepared(schema: GraphQLSchema, field: GraphQLField, node: FieldNode, otherwise: Call) -> Call | None:
    """None if the resolver is not Strawberry's own, without rules and extensions, or an argument cannot be prepared."""
    definition = field.extensions.get("strawberry-definition")
    # Strawberry marks its own resolvers; a guard's has no mark.
    if definition is None or getattr(field.resolve, "_is_default", None) is not False or definition.extensions:
        return None
    resolver = definition.base_resolver
    if resolver.parent_parameter or resolver.root_parameter:
        return None
    arguments = arguments_of(schema, field, node)
    if arguments is None:
        return None
    takes_info, takes_self = resolver.info_parameter, resolver.self_parameter

    def call(source: Any, values: Any, info: Any) -> Any:
        given = arguments(values)
        if given is None:
            return otherwise(source, values, info)
        if takes_info:
            given[takes_info.name] = strawberry.Info(_raw_info=info, _field=definition)
        return resolver(source, **given) if takes_self else resolver(**given)

    return call


def arguments_of(
    schema: GraphQLSchema, field: GraphQLField, node: FieldNode
) -> Callable[[Any], dict[str, Any] | None] | None:
    """Takes the values of the variables and returns the arguments by their Python names, or None if a value is missing; None if an
    argument is neither a variable nor a plain constant."""
    arguments = _arguments(schema, field, node)
    if arguments is None:
        return None
    constants, variables = arguments

    def given_by(values: Any) -> dict[str, Any] | None:
        given = dict(constants)
        for python_name, name, convert, is_required, is_nullable in variables:
            value = values.coerced.get(name, _MISSING)
            if value is _MISSING and not is_required:
                continue
            if value is _MISSING or (value is None and not is_nullable):
                return None
            given[python_name] = value if convert is None or value is None else convert(value)
        return given

    return given_by


def _arguments(
    schema: GraphQLSchema, field: GraphQLField, node: FieldNode
) -> tuple[dict[str, Any], list[_Variable]] | None:
    """The constant arguments and those that are variables; None if one is neither."""
    constants: dict[str, Any] = {}
    variables = []
    for one in node.arguments or ():
        argument = field.args[one.name.value]
        definition = argument.extensions["strawberry-definition"]
        python_name = definition.python_name
        is_plain = is_leaf_type(get_nullable_type(argument.type))
        if isinstance(one.value, VariableNode):
            name = one.value.name.value
            is_nullable = not isinstance(argument.type, GraphQLNonNull)
            convert = None if is_plain else _converter(schema, definition.type)
            variables.append(_Variable(python_name, name, convert, is_required_argument(argument), is_nullable))
            continue
        constants[python_name] = coerce_input_literal(one.value, argument.type) if is_plain else Undefined
        if constants[python_name] is Undefined:
            return None
    return constants, variables


def _converter(schema: GraphQLSchema, kind: Any) -> Callable[[Any], Any]:
    """Makes input objects, and lists, of coerced values, as Strawberry does."""
    converter = schema._strawberry_schema.schema_converter  # type: ignore[attr-defined] # noqa: SLF001 - where Strawberry keeps it
    return partial(convert_argument, type_=kind, scalar_registry=converter.scalar_registry, config=converter.config)
