"""How much an operation asks for, counted in one pass before it is validated, and the bounds it must keep."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from graphlib import CycleError, TopologicalSorter
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    get_operation_ast,
    is_list_type,
)
from strawberry.extensions import SchemaExtension

from resolvers.cursors import DEFAULT_PAGE, LONGEST_PAGE

SLICING = ("first", "last", "ids")
"""The arguments that say how long a list is."""
DEFAULT_LIST = 10
"""How long a list is taken to be that has no such argument."""
MANY = 10**9
"""Where counting stops."""


@dataclass(slots=True)
class Extent:
    """What an operation selects once its fragments are expanded.

    `values` is `fields` times the sizes of the lists that each is in: an estimate, from above, of what an answer holds.
    """

    fields: int = 0
    depth: int = 0
    aliases: int = 0
    directives: int = 0
    values: int = 0

    @classmethod
    def of(cls, parts: Iterable["Extent"], directives: int = 0) -> "Extent":
        """Of the parts of one selection set, and the directives on them."""
        every = cls(directives=directives)
        for one in parts:
            every.fields += one.fields
            every.depth = max(every.depth, one.depth)
            every.aliases += one.aliases
            every.directives += one.directives
            every.values += one.values
        return every.clamped()

    def clamped(self) -> "Extent":
        if max(self.values, self.directives) >= MANY:  # no other count is higher than values
            return Extent(*(min(number, MANY) for number in astuple(self)))
        return self


BOUNDS = Extent(fields=1_000, depth=20, aliases=100, directives=100, values=150_000)
_ADVICE = {
    "fields": "Select fewer fields, or send several operations.",
    "depth": "Ask for what is deeper by its id, with node(id:).",
    "aliases": "Send several operations.",
    "directives": "Leave out what is not needed instead of skipping it.",
    "values": "Ask for shorter pages with first:, or select fewer fields in them.",
}
_COUNTED = {
    "fields": "selects {} fields",
    "depth": "is {} levels deep",
    "aliases": "has {} aliases",
    "directives": "has {} directives",
    "values": "can return {} values",
}


def too_costly(extent: Extent, bounds: Extent = BOUNDS) -> GraphQLError | None:
    """The refusal of what passes a bound: which one, by how much, and what to do."""
    for field, has, most in zip(fields(extent), astuple(extent), astuple(bounds), strict=True):
        if has > most:
            counted = _COUNTED[field.name].format(f"more than {MANY:,}" if has >= MANY else f"{has:,}")
            sentence = f"This operation {counted} once its fragments are expanded; the limit is {most:,}."
            return GraphQLError(f"{sentence} {_ADVICE[field.name]}", extensions={"code": "QUERY_TOO_COSTLY"})
    return None


def measure(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Extent:
    """The extent of one operation of a document that need not be valid, in time linear in the document.

    Nothing for a document without this operation, and for fragments that spread each other in a circle: validation
    refuses both.
    """
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        return Extent()
    counter = _Counter(schema, operation, variables or {})
    try:
        for fragment in _in_order(document):
            counter.count(fragment)
    except CycleError:
        return Extent()
    return counter.of_operation(operation)


def _in_order(document: DocumentNode) -> Iterator[FragmentDefinitionNode]:
    """The fragments, each after those that it spreads. Raises CycleError."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    spread = {name: set(_spreads(fragment.selection_set)) for name, fragment in fragments.items()}
    for name in TopologicalSorter(spread).static_order():
        if name in fragments:
            yield fragments[name]


def _spreads(selection_set: SelectionSetNode) -> Iterator[str]:
    waiting = [selection_set]
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FragmentSpreadNode):
                yield selection.name.value
            elif isinstance(selection, FieldNode | InlineFragmentNode) and selection.selection_set:
                waiting.append(selection.selection_set)


class _Counter:
    """Counts each fragment once; a spread of it adds what was counted."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> None:
        self.schema, self.variables = schema, variables
        self.defaults = {one.variable.name.value: one.default_value for one in operation.variable_definitions or ()}
        self.counted: dict[str, Extent] = {}

    def count(self, fragment: FragmentDefinitionNode) -> None:
        kind = self.schema.get_type(fragment.type_condition.name.value)
        self.counted[fragment.name.value] = self.of_set(fragment.selection_set, kind)

    def of_operation(self, operation: OperationDefinitionNode) -> Extent:
        whole = self.of_set(operation.selection_set, self.schema.get_root_type(operation.operation))
        return Extent.of([whole], len(operation.directives or ()))

    def of_set(self, selection_set: SelectionSetNode, parent: GraphQLNamedType | None) -> Extent:
        selections = selection_set.selections
        directives = sum(len(one.directives) for one in selections if one.directives)
        return Extent.of([self.of_selection(one, parent) for one in selections], directives)

    def of_selection(self, selection: SelectionNode, parent: GraphQLNamedType | None) -> Extent:
        if isinstance(selection, FieldNode):
            return self.of_field(selection, parent)
        if isinstance(selection, InlineFragmentNode):
            narrowed = selection.type_condition
            kind = self.schema.get_type(narrowed.name.value) if narrowed else parent
            return self.of_set(selection.selection_set, kind)
        assert isinstance(selection, FragmentSpreadNode)
        return self.counted.get(selection.name.value, Extent())

    def of_field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Extent:
        if not node.selection_set:
            return Extent(1, 1, bool(node.alias), 0, 1)
        field = None
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            field = self.schema.get_field(parent, node.name.value)
        inside = self.of_set(node.selection_set, get_named_type(field.type) if field else None)
        values = inside.values * self.size(node, field, parent) + 1
        aliases = inside.aliases + bool(node.alias)
        return Extent(inside.fields + 1, inside.depth + 1, aliases, inside.directives, values).clamped()

    def size(self, node: FieldNode, field: GraphQLField | None, parent: GraphQLNamedType | None) -> int:
        """How many objects a field has at most: what first, last or ids say, a page, or a list of the usual length. The
        list in a connection is as long as the connection says. More than a page is refused where it is read."""
        if field is None:
            return 1
        said = [self.number(one.value) for one in node.arguments or () if one.name.value in SLICING]
        if given := [number for number in said if number is not None]:
            return min(max(*given, 1), LONGEST_PAGE)
        if any(name in field.args for name in SLICING):
            return DEFAULT_PAGE
        of_connection = "pageInfo" in getattr(parent, "fields", ())
        return DEFAULT_LIST if is_list_type(get_nullable_type(field.type)) and not of_connection else 1

    def number(self, value: ValueNode | None) -> int | None:
        """What an argument says, or the length of a list; None where it says nothing that can be counted."""
        if isinstance(value, VariableNode):
            name = value.name.value
            return _number(self.variables[name]) if name in self.variables else self.number(self.defaults.get(name))
        if isinstance(value, ListValueNode):
            return len(value.values)
        if isinstance(value, IntValueNode):
            return int(value.value) if len(value.value) < 10 else MANY
        return None


def _number(given: object) -> int | None:
    if isinstance(given, list):
        return len(given)
    return int(min(given, MANY)) if isinstance(given, int | float) else None


class Bounded(SchemaExtension):
    """Refuses an operation that passes a bound before it is validated, on every transport."""

    def on_validate(self) -> Iterator[None]:
        asked: Any = self.execution_context
        extent = measure(asked.schema.core, asked.graphql_document, asked.operation_name, asked.variables)
        if refused := too_costly(extent):
            asked.pre_execution_errors = [refused]
        yield
