"""Answers queries that have a plan without Strawberry's pipeline, under the same limits; the caller limits the time."""

from typing import Any, NamedTuple

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, OperationType
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from resolvers.context import Context
from schema import compiled
from schema.documents import cached_document
from schema.limits import limit_error, remembered_extent
from schema.pace import Executor
from schema.plans import Run, plan_of


class Answer(NamedTuple):
    """The result of an operation, and how many characters its keys and texts have."""

    result: ExecutionResult
    characters: int = 0


class Asked(NamedTuple):
    """What a client asks for."""

    query: str
    name: str | None
    variables: dict[str, Any] | None


class Found(NamedTuple):
    """An operation of a cached document that is within its limits, and the execution that a plan would have."""

    operation: OperationDefinitionNode
    run: Run


def find(schema: GraphQLSchema, executor: type[Executor], context: Context, asked: Asked) -> Found | None:
    """The query, if its document has been executed before; None for any other operation. `executor` is the class of
    graphql-core's. If the query has a plan, the context learns what will be read first."""
    document = cached_document(schema, asked.query, quiet=executor.quiet)
    prepared = compiled.library.find(document) if document else None
    if prepared is None:
        return None
    operation = prepared.operation(schema, asked.name)
    if operation is None or operation.node.operation is not OperationType.QUERY:
        return None
    values = operation.values(asked.variables or {})
    if values is None or limit_error(remembered_extent(schema, prepared, asked.name, asked.variables)):
        return None

    def build() -> Any:
        return executor.build(schema, prepared.document, None, context, asked.variables, asked.name)

    run = Run(prepared, build, context, values)
    context.foresee = run.foresight(operation.node)
    return Found(operation.node, run)


async def answer(context: Context, found: Found) -> Answer | None:
    """The result of a query that has a plan; None if it has none, and in any doubt. The context must be of this operation alone,
    with its slot and its viewer, and its reads together."""
    operation, run = found
    if not run.has_plan(operation):
        await context.reads.give_back()  # making one waits for its turn
    plan = await plan_of(operation, run)
    if plan is None:
        return None
    context.loads_alone = plan.loads_alone
    try:
        data = await plan.answer(run)
    except Exception as error:  # noqa: BLE001 - reported, as errors outside of fields are by Strawberry
        return Answer(PreExecutionError(None, [GraphQLError(str(error), original_error=error)]))
    finally:
        context.loads_alone = False
    return None if data is None else Answer(ExecutionResult(data, None), run.pace.characters)
