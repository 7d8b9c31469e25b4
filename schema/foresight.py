"""What a planned query reads first of an account, so that the statement that looks up the viewer can read it too.

Nothing is decided by it: a resolver uses what was read ahead only if it would send exactly this statement.
"""

from collections.abc import Callable
from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_nullable_type
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.execution.values import VariableValues

from models.reads.operation import Ahead
from permissions.viewer import Seat, Viewer
from resolvers.context import Context
from schema.calls import plain_arguments
from schema.compiled import Selecting

AHEAD = "ahead"
"""The metadata of a field. Of a query that returns an account: a function of the viewer and the arguments, which returns the seat.
Of an account's field: a function of the context, the seat and the arguments, which returns the statement. Either may return
None."""

Foresight = Callable[[Context, VariableValues, Viewer], Ahead | None]


def foresight_of(executor: Selecting, root: GraphQLObjectType, selected: GroupedFieldSet) -> Foresight | None:
    """Finds the first field of an account that is read ahead; None if there is none."""
    for details in selected.values():
        find_seat = _function_of(root, details)
        if find_seat is None:
            continue
        kind: Any = get_nullable_type(root.fields[details[0].node.name.value].type)
        below = executor.collect_subfields(kind, details).grouped_field_set.values()
        found = next(filter(None, (_function_of(kind, one) for one in below)), None)
        if found is not None:
            return _foresight(find_seat, found)
    return None


def _foresight(find_seat: Callable[..., Seat | None], find_statement: Callable[..., Ahead | None]) -> Foresight:
    def foresee(context: Context, values: VariableValues, viewer: Viewer) -> Ahead | None:
        seat = find_seat(values, viewer)
        return find_statement(values, context, seat) if seat is not None else None

    return foresee


def _function_of(kind: GraphQLObjectType, details: FieldDetailsList) -> Callable[..., Any] | None:
    """The function in the metadata of a selected field, which then takes the values of the variables before the rest."""
    node: FieldNode = details[0].node
    field: GraphQLField | None = kind.fields.get(node.name.value)
    definition = field.extensions.get("strawberry-definition") if field else None
    function = definition.metadata.get(AHEAD) if definition else None
    arguments = plain_arguments(field, node) if field and function else None
    if function is None or arguments is None:
        return None

    def call(values: VariableValues, *given: Any) -> Any:
        named = arguments(values)
        return None if named is None else function(*given, **named)

    return call
