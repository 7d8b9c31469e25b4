"""Plans queries that are executed again: what is read and compiled, and which resolvers are called.

A plan never reports an error: any doubt ends it, and graphql-core executes the query from the beginning, which is possible
because queries change nothing.
"""

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from types import CoroutineType
from typing import Any, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_fields
from graphql.execution.values import VariableValues

from permissions.viewer import Viewer
from schema.calls import Call, call_of
from schema.compiled import (
    VALUES_PER_FIELD,
    Doubt,
    Prepared,
    check_of,
    check_present,
    compile_selection,
    is_attribute,
    readings_of,
    serializer_of,
)
from schema.connection import columns_of
from schema.foresight import Foreseen, Foresight, Rounds, foreseen
from schema.operations import booleans_of
from schema.pace import Pace, single_turn

MOST_DOUBTS, RUNS_PER_DOUBT = 3, 10
"""A plan rests after so many doubts, not counting one in so many requests: each doubt costs a second execution."""


class Info(NamedTuple):
    """What resolvers may use of GraphQLResolveInfo; and `reads`, if that is known: the columns of records and the coordinates of
    attributes that will be read of what the resolver returns."""

    context: Any
    field_name: str
    reads: frozenset[str] | None


class TypeInfo(NamedTuple):
    """The same for what finds the type of an object."""

    schema: GraphQLSchema
    field_name: str


class Completion(NamedTuple):
    """`complete` takes a value and the run, and returns the answer or, if `is_late`, None or a coroutine of it; `reads` has the
    columns and attributes that it reads, None if any may be."""

    complete: Callable[[Any, Any], Any]
    is_late: bool
    reads: frozenset[str] | None = frozenset()
    foreseen: Sequence[Foreseen] = ()
    """What is foreseen of the object's fields."""


class PlannedField(NamedTuple):
    """A selected field, by its key in the answer: an attribute if that has a name, otherwise the call of a resolver."""

    key: str
    name: str
    attribute: str | None
    call: Call
    completion: Completion
    foreseen: Foreseen | None = None


class Run:
    """One execution of a query, as plans see it."""

    def __init__(
        self, prepared: Prepared, build: Callable[[], Any], context: Any, variables: VariableValues, root: Any = None
    ) -> None:
        """`build` makes graphql-core's executor of the same execution, which only planning needs."""
        self.prepared, self.build, self.context_value = prepared, build, context
        self.variable_values, self.root_value = variables, root
        self.booleans = booleans_of(variables)
        self.pace = Pace()

    def has_plan(self, operation: OperationDefinitionNode) -> bool:
        """Whether it is known which plan the operation has, if any."""
        return (id(operation), self.booleans) in self.prepared.plans

    def foresight(self, operation: OperationDefinitionNode) -> Callable[[Viewer], Rounds] | None:
        """Finds what the plan reads first, by the viewer as last known; None if that is not known."""
        plan: Plan | None = self.prepared.plans.get((id(operation), self.booleans))
        if plan is None or plan.foresee is None or plan.rests:
            return None
        return partial(plan.foresee, self.context_value, self.variable_values)

    def executor(self) -> Any:
        """Raises Doubt if the execution cannot begin."""
        made = self.build()
        if isinstance(made, list):
            raise Doubt
        return made


@dataclass(slots=True)
class Plan:
    """A whole query."""

    complete: Callable[[Any, Any], Coroutine[Any, Any, dict[str, Any]]]
    size: int
    foresee: Foresight | None = None
    """What to read with the viewer."""
    loads_alone: bool = False
    """Nothing is loaded for several objects together, since no object with resolvers is in a list."""
    runs: int = 0
    doubts: int = 0
    credit: int = MOST_DOUBTS * RUNS_PER_DOUBT
    """What is left to lose by doubts; earned again with each request."""

    @property
    def rests(self) -> bool:
        return self.credit < 0

    def is_useful(self) -> bool:
        """Whether to answer this request by the plan."""
        useful = not self.rests
        self.credit = min(self.credit + 1, MOST_DOUBTS * RUNS_PER_DOUBT)
        return useful

    async def answer(self, run: Run) -> dict[str, Any] | None:
        """The answer; None in any doubt. Raises an error that has taken the place of a cancellation."""
        self.runs += 1
        try:
            return await self.complete(run.root_value, run)
        except Exception:  # graphql-core raises it again, where it belongs
            self.doubts += 1
            self.credit -= RUNS_PER_DOUBT
            task = asyncio.current_task()
            if task and task.cancelling():
                raise
            return None


async def plan_of(operation: OperationDefinitionNode, run: Run) -> Plan | None:
    """The plan of an operation of a document that has been executed before; None if it has none."""
    prepared, key = run.prepared, (id(operation), run.booleans)
    if not run.has_plan(operation) and prepared.is_ready(run.booleans):
        await single_turn()
        if key not in prepared.plans:
            made = _plan(run)
            prepared.grow(max(made.size, 1) if made else 1)
            prepared.plans[key] = made
    plan: Plan | None = prepared.plans.get(key)
    return plan if plan and plan.is_useful() else None


def _plan(run: Run) -> Plan | None:
    try:
        executor = run.executor()
        root = executor.schema.query_type
        collected = collect_fields(
            executor.schema, executor.fragments, executor.variable_values, root, executor.operation
        )
        if collected.new_defer_usages:
            raise Doubt
        planner = _Planner(executor)
        fields = planner.fields(root, collected.grouped_field_set)
    except (Doubt, GraphQLError):
        return None
    below = _foreseen(fields)
    foresight = Foresight(below) if below else None
    return Plan(_selection(fields, lambda _root: None), planner.size, foresight, not planner.has_several)


def _foreseen(fields: Sequence[PlannedField]) -> list[Foreseen]:
    return [one.foreseen for one in fields if one.foreseen is not None]


class _Planner:
    """Plans selections. Raises Doubt for what it does not know, and GraphQLError where @skip or @include are wrong."""

    def __init__(self, executor: Any) -> None:
        self.executor = executor
        self.size = 0
        self.has_several = False
        """Whether objects with resolvers are, or may be, in a list."""

    def fields(self, kind: GraphQLObjectType, grouped: GroupedFieldSet) -> list[PlannedField]:
        return [self.field(kind, key, details) for key, details in grouped.items()]

    def field(self, kind: GraphQLObjectType, key: str, details: FieldDetailsList) -> PlannedField:
        self.size += 1
        node = details[0].node
        if node.name.value == "__typename":
            return PlannedField(key, "__typename", None, lambda *_: kind.name, Completion(_as_it_is, is_late=False))
        field = kind.fields.get(node.name.value)
        if field is None or any(one.defer_usage or one.fragment_variable_values for one in details):
            raise Doubt
        definition = field.extensions.get("strawberry-definition")
        attribute = definition.python_name if is_attribute(field) and not hasattr(field.resolve, "rule") else None
        call = call_of(self.executor.schema, field, node, field.resolve or self.executor.field_resolver)
        completion = self.completion(field.type, details)
        ahead = foreseen(self.executor.schema, field, node, columns_of(completion.reads), completion.foreseen)
        return PlannedField(key, node.name.value, attribute, call, completion, ahead)

    def completion(self, kind: Any, details: FieldDetailsList) -> Completion:
        if isinstance(kind, GraphQLNonNull):
            present = self.completion_of_present(kind.of_type, details)
            return present._replace(complete=_sure(present.complete))
        present = self.completion_of_present(kind, details)
        complete = present.complete
        return present._replace(complete=lambda value, x: None if value is None else complete(value, x))

    def completion_of_present(self, kind: Any, details: FieldDetailsList) -> Completion:
        if is_leaf_type(kind):
            serialize = serializer_of(kind)
            return Completion(
                _counted(serialize) if kind.name == "String" else lambda value, _x: serialize(value), False
            )
        if isinstance(kind, GraphQLList):
            return self.list(kind, details)
        if isinstance(kind, GraphQLObjectType):
            return self.object(kind, details)
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType) and kind.resolve_type:
            self.has_several = True
            return Completion(_abstract(kind, details), is_late=True, reads=None)
        raise Doubt

    def object(self, kind: GraphQLObjectType, details: FieldDetailsList) -> Completion:
        made = compile_selection(self.executor, kind, details)
        if made is not None:
            self.size += made.size
            return Completion(made.complete, is_late=False, reads=made.reads)
        collected = self.executor.collect_subfields(kind, details)
        if collected.new_defer_usages:
            raise Doubt
        fields = self.fields(kind, collected.grouped_field_set)
        complete, reads = _selection(fields, check_of(kind)), _reads_of(kind, fields)
        return Completion(complete, is_late=True, reads=reads, foreseen=_foreseen(fields))

    def list(self, kind: Any, details: FieldDetailsList) -> Completion:
        before = self.size
        complete, is_late, reads, _ = self.completion(kind.of_type, details)
        size = self.size - before
        self.has_several |= is_late
        return Completion(_late_list(complete) if is_late else _list(complete, size), is_late, reads)


def _reads_of(kind: GraphQLObjectType, fields: Sequence[PlannedField]) -> frozenset[str] | None:
    """What these fields read of the object that has them; resolvers of views may read any column, others' read none."""
    if readings_of(kind):
        return None
    attributes = [one for one in fields if one.attribute is not None]
    below = [one.completion.reads for one in attributes]
    if None in below:
        return None
    return frozenset(f"{kind.name}.{one.name}" for one in attributes).union(*filter(None, below))


def _as_it_is(value: Any, _x: Any) -> Any:
    return value


def _counted(serialize: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    def complete_text(value: Any, x: Any) -> Any:
        written = serialize(value)
        x.pace.characters += len(written)
        return written

    return complete_text


def _sure(complete: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def complete_sure(value: Any, x: Any) -> Any:
        if value is None:
            raise Doubt
        return complete(value, x)

    return complete_sure


def _list(complete: Callable[[Any, Any], Any], size: int) -> Callable[[Any, Any], Any]:
    def complete_list(values: Any, x: Any) -> Any:
        _check_list(values)
        x.pace.left -= len(values) * max(size, 1) // VALUES_PER_FIELD
        return [complete(one, x) for one in values]

    return complete_list


def _late_list(complete: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Completes items together, so that what they load is read together. Raises the first error when all have ended."""

    async def complete_list(values: Any, x: Any) -> Any:
        _check_list(values)
        answers: list[Any] = [None] * len(values)
        late: dict[int, Coroutine[Any, Any, Any]] = {}
        try:
            for number, one in enumerate(values):
                if (coroutine := complete(one, x)) is not None:
                    late[number] = coroutine
        except BaseException:
            for coroutine in late.values():
                coroutine.close()
            raise
        found = await asyncio.gather(*late.values(), return_exceptions=True)
        for number, answer in zip(late, found, strict=True):
            if isinstance(answer, BaseException):
                raise answer
            answers[number] = answer
        return answers

    return complete_list


def _check_list(values: Any) -> None:
    if values.__class__ is not list and values.__class__ is not tuple:
        raise Doubt


def _abstract(kind: Any, details: FieldDetailsList) -> Callable[[Any, Any], Any]:
    """Completes an object of an interface or a union by its own type, which depends on its class; the selection is planned when
    a class is first seen."""
    known: dict[type, tuple[Completion, int]] = {}

    def plan(value: Any, run: Run) -> tuple[Completion, int]:
        check_present(value)
        executor = run.executor()
        info = TypeInfo(executor.schema, details[0].node.name.value)
        own = executor.ensure_valid_runtime_type(kind.resolve_type(value, info, kind), kind, details, info, value)
        planner = _Planner(executor)
        completion = planner.object(own, details)
        run.prepared.grow(max(planner.size, 1))
        return completion, planner.size // VALUES_PER_FIELD

    async def complete_abstract(value: Any, x: Any) -> Any:
        if value.__class__ not in known:
            known[value.__class__] = plan(value, x)
        (complete, is_late, *_), fields = known[value.__class__]
        if not x.pace.allows(fields):
            raise Doubt
        done = complete(value, x)
        return await done if is_late else done

    return complete_abstract


def _selection(
    fields: Sequence[PlannedField], check: Callable[[Any], None]
) -> Callable[[Any, Any], Coroutine[Any, Any, dict[str, Any]]]:
    """Completes an object, its fields in turn: their reads share one connection, so that none would end earlier if they were
    started together."""
    in_keys = sum(len(one.key) for one in fields)

    async def complete_object(source: Any, x: Any) -> dict[str, Any]:
        check(source)
        if not x.pace.allows(len(fields)):
            raise Doubt
        x.pace.characters += in_keys
        answer: dict[str, Any] = {}
        for key, name, attribute, call, (complete, is_late, reads, _), _ in fields:
            if attribute is not None:
                value = getattr(source, attribute)
            else:
                value = call(source, x.variable_values, Info(x.context_value, name, reads))
                if value.__class__ is CoroutineType or inspect.isawaitable(value):
                    value = await value
            done = complete(value, x)
            answer[key] = await done if is_late and done is not None else done
        return answer

    return complete_object
