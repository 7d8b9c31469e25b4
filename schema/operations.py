"""One operation of a cached document: how its variables are read, if they are plain."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import GraphQLSchema, NonNullTypeNode, OperationDefinitionNode, Undefined
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values

_CLASSES: Mapping[str, type] = {"ID": str, "String": str, "Int": int, "Boolean": bool}
"""Values of exactly these classes are coerced to themselves, within the bounds of Int."""
_INTEGERS = range(-(2**31), 2**31)


class Plain(NamedTuple):
    """A variable of a built-in type without a default."""

    kind: type
    is_required: bool
    signature: GraphQLVariableSignature


class Operation:
    """Reads the values of its variables."""

    def __init__(self, schema: GraphQLSchema, node: OperationDefinitionNode) -> None:
        self.schema, self.node = schema, node
        self.names = [one.variable.name.value for one in node.variable_definitions or ()]
        self.plain = self._plain()

    def _plain(self) -> dict[str, Plain] | None:
        """None if a variable is not plain."""
        plain: dict[str, Plain] = {}
        for name, one in zip(self.names, self.node.variable_definitions or (), strict=True):
            is_required = isinstance(one.type, NonNullTypeNode)
            named: Any = one.type.type if isinstance(one.type, NonNullTypeNode) else one.type
            kind = _CLASSES.get(named.name.value) if hasattr(named, "name") else None
            signature = get_variable_signature(self.schema, one)
            if kind is None or one.default_value is not None or not isinstance(signature, GraphQLVariableSignature):
                return None
            plain[name] = Plain(kind, is_required, signature)
        return plain

    def values(self, given: Mapping[str, Any]) -> VariableValues | None:
        """The values of the variables, as graphql-core coerces them; None if it reports errors."""
        if self.plain is not None and (found := _plain_values(self.plain, given)) is not None:
            return found
        values = get_variable_values(self.schema, self.node.variable_definitions or (), dict(given))
        return None if isinstance(values, list) else values


def _plain_values(plain: Mapping[str, Plain], given: Mapping[str, Any]) -> VariableValues | None:
    """None if a value is missing, or would have to be coerced."""
    sources: dict[str, VariableValueSource] = {}
    coerced: dict[str, Any] = {}
    for name, (kind, is_required, signature) in plain.items():
        value = given.get(name, Undefined)
        if value is None or value is Undefined:
            if is_required:
                return None
        elif value.__class__ is not kind or (kind is int and value not in _INTEGERS):
            return None
        sources[name] = VariableValueSource(signature, value)
        if value is not Undefined:
            coerced[name] = value
    return VariableValues(sources, coerced)


def booleans_of(values: VariableValues) -> tuple[tuple[str, bool], ...]:
    """The names and values of the Boolean variables, on which @skip and @include depend."""
    return tuple([one for one in values.coerced.items() if isinstance(one[1], bool)])
