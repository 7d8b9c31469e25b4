"""Extensions that prepare and limit every operation on every transport: its context, viewer, slot and time limit."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from resolvers.context import Context
from resolvers.errors import bad_input


class ContextPerOperation(SchemaExtension):
    """Gives each operation on a websocket its own context, and runs its reads together."""

    async def on_operation(self) -> AsyncIterator[None]:
        if self.execution_context.context.is_connection:
            self.execution_context.context = self.execution_context.context.fork()
        async with self.execution_context.context.reads.in_one_transaction():
            yield


class OneOperation(SchemaExtension):
    """Requires operationName for a document with several operations; the library would execute the first."""

    def on_execute(self) -> Iterator[None]:
        execution = self.execution_context
        definitions = execution.graphql_document.definitions if execution.graphql_document else ()
        operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
        if len(operations) > 1 and execution._provided_operation_name is None:  # noqa: SLF001 - as the client sent it
            raise bad_input("This document has several operations; set operationName to the one to execute.")
        yield


class Admission(SchemaExtension):
    """Prepares and executes operations in one of the member's slots, requires a viewer, even on a websocket that was
    authenticated before, and limits the time. Subscriptions release the slot when they have started, and require a viewer
    for each event instead."""

    async def on_operation(self) -> AsyncIterator[None]:
        context: Context = self.execution_context.context
        self.has_taken_slot = await context.take_slot()
        try:
            yield
        finally:
            self._give_slot_back()

    async def on_execute(self) -> AsyncIterator[None]:
        execution: Any = self.execution_context
        if execution.operation_type is OperationType.SUBSCRIPTION:
            execution.context.is_subscription = True
            yield
            self._give_slot_back()
            return
        execution.context.is_mutation = execution.operation_type is OperationType.MUTATION
        await execution.context.viewer()
        async with time_limit(execution.context.seconds_left()):
            yield

    def _give_slot_back(self) -> None:
        if self.has_taken_slot:
            self.execution_context.context.give_slot_back()
            self.has_taken_slot = False


@asynccontextmanager
async def time_limit(seconds: float) -> AsyncIterator[None]:
    """Cancels the operation and raises TIMEOUT when the time is up."""
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        raise took_too_long() from None


def took_too_long() -> GraphQLError:
    sentence = "This operation took too long. Request fewer fields or shorter lists."
    return GraphQLError(sentence, extensions={"code": "TIMEOUT"})
