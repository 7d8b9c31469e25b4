"""What every operation is put through, on every transport: one context, one operation, a known viewer, a turn, a time."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from resolvers.errors import bad_input


class OneContextAnOperation(SchemaExtension):
    """A websocket has one context; each operation on it gets its own, and reads as a whole."""

    async def on_operation(self) -> AsyncIterator[None]:
        if self.execution_context.context.lasting:
            self.execution_context.context = self.execution_context.context.fork()
        async with self.execution_context.context.reads.together():
            yield


class OneOperation(SchemaExtension):
    """Of several operations in a document the one to execute must be named; the library would take the first."""

    def on_execute(self) -> Iterator[None]:
        asked = self.execution_context
        definitions = asked.graphql_document.definitions if asked.graphql_document else ()
        operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
        if len(operations) > 1 and asked._provided_operation_name is None:  # noqa: SLF001 - what the client said
            raise bad_input("This document has several operations; say which one by operationName.")
        yield


class Admitted(SchemaExtension):
    """Executes nothing for nobody, also on a websocket whose user was removed; the rest in the member's turn, and under
    the time limit. Subscriptions see to all of this at each event."""

    async def on_execute(self) -> AsyncIterator[None]:
        asked: Any = self.execution_context
        if asked.operation_type is OperationType.SUBSCRIPTION:
            yield
            return
        viewer, shared = await asked.context.viewer(), asked.context.shared
        async with shared.turns.of(viewer.id), _within(shared.most_seconds):
            yield


@asynccontextmanager
async def _within(seconds: float) -> AsyncIterator[None]:
    """Cancels what takes longer. Raises TIMEOUT."""
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        raise GraphQLError("This took too long; ask for less.", extensions={"code": "TIMEOUT"}) from None
