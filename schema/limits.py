"""Counts how much an operation selects, in one pass before validation, and enforces limits on it."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
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
from schema.compiled import Prepared, library
from schema.operations import Operation

SLICING = ("first", "last", "ids")
"""The arguments that determine the length of a list."""
DEFAULT_LIST = 10
"""The assumed length of a list without such an argument."""
MANY = 10**9
"""The maximum count."""
MAX_EXTENTS = 20
"""How many extents of a cached document are remembered; they depend on variables."""


@dataclass(slots=True)
class Extent:
    """What an operation selects, with fragments expanded.

    `values` is `fields` multiplied by the sizes of the lists that contain each: an upper estimate of the response.
    """

    fields: int = 0
    depth: int = 0
    aliases: int = 0
    directives: int = 0
    values: int = 0

    @classmethod
    def of(cls, parts: Iterable["Extent"], directives: int = 0) -> "Extent":
        """The sum of the parts of a selection set, plus the directives on them."""
        total = cls(directives=directives)
        for one in parts:
            total.fields += one.fields
            total.depth = max(total.depth, one.depth)
            total.aliases += one.aliases
            total.directives += one.directives
            total.values += one.values
        return total.clamped()

    def clamped(self) -> "Extent":
        if max(self.values, self.directives) >= MANY:  # no other count is higher than values
            return Extent(*(min(number, MANY) for number in astuple(self)))
        return self


LIMITS = Extent(fields=1_000, depth=20, aliases=100, directives=100, values=150_000)
_ADVICE = {
    "fields": "Select fewer fields, or send several operations.",
    "depth": "Request deeper objects by id, with node(id:).",
    "aliases": "Send several operations.",
    "directives": "Remove unneeded fields instead of skipping them.",
    "values": "Request shorter pages with first:, or select fewer fields in them.",
}
_COUNTED = {
    "fields": "selects {} fields",
    "depth": "is {} levels deep",
    "aliases": "has {} aliases",
    "directives": "has {} directives",
    "values": "can return {} values",
}


def limit_error(extent: Extent, limits: Extent = LIMITS) -> GraphQLError | None:
    """The error for the first exceeded limit, with the count, the limit and what to do; None within the limits."""
    for name, counted in _COUNTED.items():
        count, limit = getattr(extent, name), getattr(limits, name)
        if count > limit:
            number = f"more than {MANY:,}" if count >= MANY else f"{count:,}"
            sentence = (
                f"This operation {counted.format(number)} once its fragments are expanded; the limit is {limit:,}."
            )
            return GraphQLError(f"{sentence} {_ADVICE[name]}", extensions={"code": "QUERY_TOO_COSTLY"})
    return None


def measure(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Extent:
    """The extent of one operation, in linear time; the document need not be valid.

    Zero if the document does not have this operation or its fragments form a cycle; validation rejects both.
    """
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        return Extent()
    counter = _Counter(schema, operation, variables or {})
    try:
        for fragment in _sorted_fragments(document):
            counter.count(fragment)
    except CycleError:
        return Extent()
    return counter.of_operation(operation)


def _sorted_fragments(document: DocumentNode) -> Iterator[FragmentDefinitionNode]:
    """The fragments, each after the ones it spreads. Raises CycleError."""
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
    """Counts each fragment once, and adds that count for every spread."""

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
            condition = selection.type_condition
            kind = self.schema.get_type(condition.name.value) if condition else parent
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
        """The maximum number of objects a field returns: from first, last or ids, else a page or the default list length.
        The connection's argument already covers its list. Reads reject more than a page."""
        if field is None:
            return 1
        numbers = [self.number(one.value) for one in node.arguments or () if one.name.value in SLICING]
        if given := [number for number in numbers if number is not None]:
            return min(max(*given, 1), LONGEST_PAGE)
        if any(name in field.args for name in SLICING):
            return DEFAULT_PAGE
        of_connection = "pageInfo" in getattr(parent, "fields", ())
        return DEFAULT_LIST if is_list_type(get_nullable_type(field.type)) and not of_connection else 1

    def number(self, value: ValueNode | None) -> int | None:
        """The number in an argument, or the length of its list; None if it has neither."""
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


def _sizes(operation: Operation | None, variables: Mapping[str, Any]) -> Hashable:
    """What `measure` depends on in the variables: which of those that the operation declares are given, and their numbers or
    lengths."""
    names = operation.names if operation else ()
    return tuple([(name, _number(variables[name])) for name in names if name in variables])


class ExtentLimit(SchemaExtension):
    """Rejects an operation that exceeds a limit, before it is validated, on every transport."""

    def on_validate(self) -> Iterator[None]:
        if error := limit_error(self.extent()):
            self.execution_context.pre_execution_errors = [error]
        yield

    def extent(self) -> Extent:
        """The extent of the operation, remembered for cached documents."""
        execution: Any = self.execution_context
        given = execution.operation_name, execution.variables
        prepared = library.find(execution.graphql_document)
        if prepared is None:
            return measure(execution.schema.core, execution.graphql_document, *given)
        return remembered_extent(execution.schema.core, prepared, *given)


def remembered_extent(
    schema: GraphQLSchema, prepared: Prepared, operation_name: str | None, variables: Mapping[str, Any] | None
) -> Extent:
    """The extent of an operation of a cached document."""
    key = operation_name, _sizes(prepared.operation(schema, operation_name), variables or {})
    if key not in prepared.extents:
        if len(prepared.extents) >= MAX_EXTENTS:
            prepared.extents.clear()
        prepared.extents[key] = measure(schema, prepared.document, operation_name, variables)
    extent: Extent = prepared.extents[key]
    return extent
