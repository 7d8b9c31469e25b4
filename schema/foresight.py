"""What a planned query reads first, so that the statement that looks up the viewer can read it too.

Nothing is decided by it: a resolver uses what was read ahead only if it would send exactly this statement.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from graphql import FieldNode, GraphQLField, GraphQLSchema
from graphql.execution.values import VariableValues

from models.reads.operation import Ahead
from permissions.viewer import Viewer
from resolvers.context import Context
from schema.calls import arguments_of

AHEAD = "ahead"
"""The metadata of a field: a function of the context, what is foreseen of the parent object, the columns that will be read of what
the field returns, and the arguments. Of a query, the parent is the viewer. It returns the statement that the field will send or, if
that is already known, what is foreseen of the object that the field returns; None if nothing is foreseen."""
MOST_REMEMBERED, LONGEST_REMEMBERED = 1_000, 1_000
"""For how many viewers and variables something is remembered, and how many characters these can have."""
Rounds = Sequence[Sequence[Ahead]]


class Foreseen(NamedTuple):
    """A field whose function is known, and those below it."""

    function: Callable[..., Any]
    find: Callable[[Context, VariableValues, Any], Any]
    below: Sequence["Foreseen"]

    def statements(
        self, context: Context, values: VariableValues, parent: Any, number: int = 0
    ) -> Iterator[tuple[int, "Foreseen", Ahead]]:
        """Each with the number of its round and its field: what depends on a row is read after it, since some of its columns have
        the same names."""
        try:
            found = self.find(context, values, parent)
        except Exception:  # noqa: BLE001 - the resolver raises it again, where it belongs
            return
        if isinstance(found, Ahead):
            yield number, self, found
            number, found = number + 1, found.below
        if found is not None:
            for field in self.below:
                yield from field.statements(context, values, found, number)


def foreseen(
    schema: GraphQLSchema,
    field: GraphQLField,
    node: FieldNode,
    columns: frozenset[str] | None,
    below: Sequence[Foreseen],
) -> Foreseen | None:
    """A selected field, if it has a function."""
    definition = field.extensions.get("strawberry-definition")
    function = definition.metadata.get(AHEAD) if definition else None
    if function is None or (arguments := arguments_of(schema, field, node)) is None:
        return None

    def find(context: Context, values: VariableValues, parent: Any) -> Any:
        given = arguments(values)
        return None if given is None else function(context, parent, columns, **given)

    return Foreseen(function, find, below)


class Foresight:
    """Finds what a query will read. It is remembered for a viewer and the variables, since the same pages are asked for again and
    again; what is out of date costs a statement, for an hour at most."""

    def __init__(self, fields: Sequence[Foreseen]) -> None:
        self.fields = fields

    def __call__(self, context: Context, values: VariableValues, viewer: Viewer) -> Rounds:
        """The statements of each round."""
        given = repr(values.coerced)
        if len(given) > LONGEST_REMEMBERED:
            return self._find(context, values, viewer)
        key = self, context.now.timestamp() // 3600, viewer.id, given
        known = _remembered.get(key)
        if known is None or known[0] is not viewer:
            if len(_remembered) >= MOST_REMEMBERED:
                _remembered.clear()
            known = _remembered[key] = viewer, self._find(context, values, viewer)
        return known[1]

    def _find(self, context: Context, values: VariableValues, viewer: Viewer) -> Rounds:
        """One for each function, since others of it have columns of the same names."""
        rounds: defaultdict[int, dict[Any, Ahead]] = defaultdict(dict)
        for root in self.fields:
            for number, field, statement in root.statements(context, values, viewer):
                rounds[number].setdefault(field.function, statement)
        return [list(rounds[number].values()) for number in sorted(rounds)]


_remembered: dict[tuple[Any, ...], tuple[Viewer, Rounds]] = {}
