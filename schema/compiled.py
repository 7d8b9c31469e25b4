"""Compiles selections of plain attributes to functions.

A compiled selection never guesses: what is not plain is not compiled, and any doubt about a value ends it, so that graphql-core
completes the selection and errors stay its own.
"""

import inspect
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import count
from typing import Any, NamedTuple, Protocol

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_nullable_type,
    get_operation_ast,
    is_leaf_type,
)
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList

from models.reads.records import Column, Part
from schema.operations import Operation

MAX_VALUES = 50_000
"""The maximum number of values in all compiled selections and plans of a process; each takes some hundred bytes."""
MAX_VALUES_OF_DOCUMENT, MAX_CHOICES = 5_000, 8
"""The maximum for one document, and for how many choices of its Boolean variables: each choice is compiled anew."""
MOST_NESTED = 8
"""The maximum depth of objects in a compiled selection: Python limits how far loops can be nested."""
VALUES_PER_FIELD = 10
"""So many values of a compiled selection take about as long as one field that graphql-core completes."""
_CLASSES = {"String": "str", "ID": "str", "Int": "int", "Float": "float", "Boolean": "bool"}
"""Values of exactly these classes are written as they are, within the bounds below."""
_WRITTEN: Mapping[str, type] = {"DateTime": datetime, "Date": date}
"""Values of exactly these classes are always written by the scalar's own function."""
_PRESENT = frozenset({str, int, float, bool, datetime, date})
"""Classes whose objects are never null, errors or awaitables."""
_OUT_OF_BOUNDS = {"Int": " or not -2147483648<={0}<=2147483647", "Float": " or {0}-{0}!=0"}


class Doubt(Exception):  # noqa: N818 - not an error of its own
    """A compiled selection does not apply to a value."""


class Selecting(Protocol):
    """The part of graphql-core's executor that compiling needs."""

    def collect_subfields(
        self, return_type: GraphQLObjectType, field_details_list: FieldDetailsList
    ) -> CollectedFields: ...


class Compiled(NamedTuple):
    """`complete` takes an object and the executor, and returns the answer or raises an exception; `size` is the number of values
    that it completes, those of lists once; `reads` has the columns of records and the coordinates of attributes that it reads."""

    complete: Callable[[Any, Any], dict[str, Any]]
    size: int
    reads: frozenset[str]


class Prepared:
    """What is prepared for a cached document, which it keeps alive: compiled selections and plans, whose keys are the identities
    of the document's nodes, and whatever others remember of its operations."""

    def __init__(self, library: "Library", document: DocumentNode, *, compiling: bool) -> None:
        self.library, self.document, self.compiling = library, document, compiling
        self.executions = 0
        self.made: dict[Any, Compiled | None] = {}
        self.plans: dict[Hashable, Any] = {}
        self.choices: set[tuple[Any, ...]] = set()
        self.size = 0
        self.extents: dict[Hashable, Any] = {}
        self.operations: dict[str | None, Operation] = {}

    def operation(self, schema: GraphQLSchema, name: str | None) -> Operation | None:
        """The operation of this name, or the only one."""
        if name not in self.operations:
            node = get_operation_ast(self.document, name)
            if node is None:
                return None
            self.operations[name] = Operation(schema, node)
        return self.operations[name]

    def is_ready(self, booleans: tuple[Any, ...]) -> bool:
        """Whether to compile for these values of Boolean variables: many documents are executed once, and clients can choose
        any values."""
        if not self.compiling or self.executions < 2 or self.size >= MAX_VALUES_OF_DOCUMENT:
            return False
        if booleans not in self.choices:
            if len(self.choices) >= MAX_CHOICES:
                return False
            self.grow(len(booleans))
            self.choices.add(booleans)
        return True

    def clear(self) -> None:
        self.made, self.plans, self.choices, self.size = {}, {}, set(), 0

    def find(
        self, executor: Selecting, kind: GraphQLObjectType, details: FieldDetailsList, booleans: tuple[Any, ...]
    ) -> Compiled | None:
        """This selection, compiled at the second execution of its document: many documents are executed once.

        `booleans`: the names and values of the operation's Boolean variables, on which @skip and @include depend.
        """
        key = (kind.name, booleans, *[id(one.node) for one in details])
        try:
            return self.made[key]
        except KeyError:
            if not self.is_ready(booleans):
                return None
        made = compile_selection(executor, kind, details)
        self.grow(max(made.size, 1) if made else 1)
        self.made[key] = made
        return made

    def grow(self, size: int) -> None:
        """Counts values that are about to be added."""
        self.library.make_room(size)
        self.size += size


class Library:
    """All cached documents, the least recently used ones first; drops what is compiled for these when it becomes too much."""

    def __init__(self) -> None:
        self.documents: OrderedDict[int, Prepared] = OrderedDict()
        self.size = 0

    def add(self, document: DocumentNode, *, compiling: bool = True) -> None:
        self.documents[id(document)] = Prepared(self, document, compiling=compiling)

    def drop(self, document: DocumentNode) -> None:
        self.size -= self.documents.pop(id(document)).size

    def find(self, document: DocumentNode) -> Prepared | None:
        """None if the document is not cached."""
        found = self.documents.get(id(document))
        if found is not None:
            self.documents.move_to_end(id(document))
        return found

    def make_room(self, size: int) -> None:
        """Counts values that are added."""
        for prepared in self.documents.values():
            if self.size + size <= MAX_VALUES:
                break
            self.size -= prepared.size
            prepared.clear()
        self.size += size


library = Library()


def compile_selection(executor: Selecting, kind: GraphQLObjectType, details: FieldDetailsList) -> Compiled | None:
    """Compiles what is selected in objects of this type; None if not all of it is plain."""
    writer = _Writer(executor)
    try:
        lines = writer.function(kind, details)
    except (Doubt, GraphQLError):
        return None
    exec(compile("\n".join(lines), "<compiled>", "exec"), writer.names)  # noqa: S102 - names and text of our own
    return Compiled(writer.names["complete"], writer.size, frozenset(writer.reads))


class _Object(NamedTuple):
    """An object that is being written: the names that it and its record have in the text, and those of the decisions of rules."""

    source: str
    record: str
    checks: dict[Any, str]


class _Writer:
    """Writes a function that completes a selected object and all that is selected below it; a call for each object would take as
    long as a few of its values. Raises Doubt if a selection is not plain, and GraphQLError as graphql-core does where @skip or
    @include are wrong.

    Only names of the schema and of the document, which are letters, digits and underscores, become part of the text.
    """

    def __init__(self, executor: Selecting) -> None:
        self.executor = executor
        self.names: dict[str, Any] = {"Doubt": Doubt}
        self.numbers = count(1)
        self.size = 0
        self.reads: set[str] = set()
        self.objects: list[_Object] = []
        """Those that are being written, from the outermost on."""

    def name(self, value: object = None) -> str:
        name = f"_{next(self.numbers)}"
        self.names[name] = value
        return name

    def function(self, kind: GraphQLObjectType, details: FieldDetailsList) -> list[str]:
        """The lines of `complete(o, x)`, which completes the object `o` for the executor `x`."""
        lines = [*self.object(kind, details, "o"), "x.pace.characters+=n", "return o"]
        return ["def complete(o,x):", " n=0", *_indented(lines)]

    def object(self, kind: GraphQLObjectType, details: FieldDetailsList, value: str) -> list[str]:
        """The lines that complete an object in place."""
        if len(self.objects) >= MOST_NESTED:
            raise Doubt
        known, check, source, record = self.name(set[type]()), self.name(), self.name(), self.name()
        self.names[check] = check_of(kind, self.names[known])
        self.objects.append(_Object(source, record, {}))
        lines, answer = self.selection(kind, details)
        self.objects.pop()
        head = [f"{source}={value}", f"if {source}.__class__ not in {known}: {check}({source})"]
        if readings_of(kind):
            head.append(f"{record}={source}.record")
        return [*head, *lines, f"{value}={answer}"]

    def selection(self, kind: GraphQLObjectType, details: FieldDetailsList) -> tuple[list[str], str]:
        """The lines that read and complete the selected fields, and the answer as an expression."""
        collected = self.executor.collect_subfields(kind, details)
        if collected.new_defer_usages or any(one.defer_usage or one.fragment_variable_values for one in details):
            raise Doubt
        lines = [f"n+={sum(map(len, collected.grouped_field_set))}"]
        entries = []
        for key, fields in collected.grouped_field_set.items():
            self.size += 1
            if fields[0].node.name.value == "__typename":
                entries.append(f"{key!r}:{kind.name!r}")
                continue
            value = self.name()
            lines += self.field(kind, fields, value)
            entries.append(f"{key!r}:{value}")
        return lines, f"{{{','.join(entries)}}}"

    def field(self, kind: GraphQLObjectType, details: FieldDetailsList, value: str) -> Iterator[str]:
        """Reads an attribute of the object, or columns of its record, into `value`, and completes it."""
        field = kind.fields.get(details[0].node.name.value)
        if field is None or any(one.defer_usage or one.fragment_variable_values for one in details):
            raise Doubt
        attribute, rule = _attribute_of(field)
        self.reads.add(f"{kind.name}.{details[0].node.name.value}")
        reading = readings_of(kind).get(attribute)
        if reading is not None and rule is not None:
            raise Doubt
        if isinstance(reading, Part):
            yield from self.part(field.type, details, reading, value)
            return
        if isinstance(reading, Column):
            yield f"{value}={self.column(reading)}"
        elif rule is None:
            yield f"{value}={self.objects[-1].source}.{attribute}"
        else:
            yield from self.check(rule)
            one = self.objects[-1]
            yield f"{value}={one.source}.{attribute} if {one.checks[rule]} else None"
        yield from self.completion(field.type, details, value)

    def check(self, rule: Any) -> Iterator[str]:
        """Asks a rule, once for all fields of the object that it guards."""
        source, _, checks = self.objects[-1]
        if rule not in checks:
            checks[rule] = self.name()
            yield f"{checks[rule]}={self.name(rule.admits)}(x.context_value.seats.get({source}.account_id))"

    def column(self, column: Column) -> str:
        """What a column gives, as an expression."""
        self.reads.update(column.names)
        source, record, _ = self.objects[-1]
        values = [f"{record}[{name!r}]" for name in column.names]
        if column.by is None:
            return values[0]
        seat = [f"{source}.seat"] if column.of_seat else []
        return f"{self.name(column.by)}({','.join([*seat, *values])})"

    def part(self, kind: Any, details: FieldDetailsList, part: Part, value: str) -> Iterator[str]:
        """Completes what is read of the same record."""
        lines, answer = self.selection(get_nullable_type(kind), details)
        if part.unless_null is None:
            yield from [*lines, f"{value}={answer}"]
            return
        self.reads.add(part.unless_null)
        yield f"if {self.objects[-1].record}[{part.unless_null!r}] is None: {value}=None"
        yield "else:"
        yield from _indented([*lines, f"{value}={answer}"])

    def completion(self, kind: Any, details: FieldDetailsList, value: str) -> Iterator[str]:
        """Completes `value` in place."""
        if isinstance(kind, GraphQLNonNull):
            yield from self.completion_of_present(kind.of_type, details, value)
            return
        yield f"if {value} is not None:"
        yield from _indented(self.completion_of_present(kind, details, value))

    def completion_of_present(self, kind: Any, details: FieldDetailsList, value: str) -> Iterator[str]:
        """The same where null is not allowed: it is a doubt."""
        if is_leaf_type(kind):
            yield self.leaf(kind, value)
            if kind.name == "String":
                yield f"n+=len({value})"
        elif isinstance(kind, GraphQLObjectType):
            yield from self.object(kind, details, value)
        elif isinstance(kind, GraphQLList):
            yield from self.list(kind.of_type, details, value)
        else:
            raise Doubt

    def list(self, kind: Any, details: FieldDetailsList, value: str) -> Iterator[str]:
        items, item = self.name(), self.name()
        before = self.size
        inside = [*_indented(self.completion(kind, details, item))]
        yield f"if {value}.__class__ is not list and {value}.__class__ is not tuple: raise Doubt"
        yield f"x.pace.left-=len({value})*{max(self.size - before, 1)}//{VALUES_PER_FIELD}"
        yield f"{items}=[]"
        yield f"for {item} in {value}:"
        yield from inside
        yield f" {items}.append({item})"
        yield f"{value}={items}"

    def leaf(self, kind: GraphQLLeafType, value: str) -> str:
        serialize = self.name(serializer_of(kind))
        if kind.name in _WRITTEN:
            write, cls = self.name(kind.serialize), self.name(_WRITTEN[kind.name])
            return f"{value}={write}({value}) if {value}.__class__ is {cls} else {serialize}({value})"
        plain = _CLASSES.get(kind.name)
        if plain is None:
            return f"{value}={serialize}({value})"
        bounds = _OUT_OF_BOUNDS.get(kind.name, "").format(value)
        return f"if {value}.__class__ is not {plain}{bounds}: {value}={serialize}({value})"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f" {line}" for line in lines)


def _attribute_of(field: GraphQLField) -> tuple[str, Any]:
    """The attribute that a field reads, and the rule that hides it, if any. Raises Doubt if the field is not plain."""
    rule = getattr(field.resolve, "rule", None)
    if not is_attribute(field) or (rule is not None and not rule.hidden):
        raise Doubt
    attribute: str = field.extensions["strawberry-definition"].python_name
    return attribute, rule


def readings_of(kind: GraphQLObjectType) -> Mapping[str, Column | Part]:
    """What the fields of a type read if its objects are views of a record (`schema/rows.py`)."""
    definition = kind.extensions.get("strawberry-definition")
    return getattr(definition.origin, "readings", {}) if definition else {}


def is_attribute(field: GraphQLField) -> bool:
    """Whether a field has no resolver of its own."""
    definition = field.extensions.get("strawberry-definition")
    return definition is not None and definition.is_basic_field


def check_of(kind: GraphQLObjectType, known: set[type] | None = None) -> Callable[[Any], None]:
    """Raises Doubt for what is not an object of this type, which only depends on the class; adds the others' classes to
    `known`."""
    known = set() if known is None else known
    # Columns of a record say nothing about the object's own attributes.
    viewed = kind.extensions["strawberry-definition"].origin if readings_of(kind) else object

    def check(value: Any) -> None:
        if value.__class__ in known:
            return
        check_present(value)
        if kind.is_type_of is not None and kind.is_type_of(value, None) is not True:  # type: ignore[arg-type]
            raise Doubt
        if not isinstance(value, viewed):
            raise Doubt
        known.add(value.__class__)

    return check


def check_present(value: Any) -> None:
    if value is None or value is Undefined or isinstance(value, Exception) or inspect.isawaitable(value):
        raise Doubt


def serializer_of(kind: GraphQLLeafType) -> Callable[[Any], Any]:
    """Writes a value as graphql-core does, and remembers those of an enum. Raises Doubt instead of returning null."""

    def serialize(value: Any) -> Any:
        if value.__class__ not in _PRESENT:
            check_present(value)
        written = kind.coerce_output_value(value)
        if written is None or written is Undefined:
            raise Doubt
        return written

    members = getattr(kind, "wrapped_cls", None) if isinstance(kind, GraphQLEnumType) else None
    if members is None:
        return serialize
    written: dict[Any, Any] = {}

    def write_member(value: Any) -> Any:
        if value.__class__ is not members:
            return serialize(value)
        if value not in written:
            written[value] = serialize(value)
        return written[value]

    return write_member
