"""Execution that yields to other operations: limits how much one operation computes without a pause."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any

from graphql import GraphQLError
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

FIRST_FIELDS = 10_000
"""Fields that an operation completes before its first pause; more than an ordinary page has."""
FIELDS_PER_TURN = 1_000
"""Fields between later pauses; a few milliseconds."""
MAX_ERRORS = 500
_TOO_MANY_ERRORS = f"The operation was stopped because more than {MAX_ERRORS} of its fields failed."
Work = Callable[[], Any]


class Pace:
    """Counts the fields of one operation, and queues objects for the next turn of the event loop.

    Objects executed in the same turn share batches of reads, so turns are as long as allowed.
    """

    def __init__(self) -> None:
        self.credit = FIRST_FIELDS
        self.done = 0
        self.waiting: deque[tuple[asyncio.Future[None], int]] = deque()

    def allows(self, number: int) -> bool:
        """Whether this many more fields can be completed in this turn; if so, counts them."""
        if self.done >= max(self.credit, FIELDS_PER_TURN):
            return False
        if self.done == 0:
            asyncio.get_running_loop().call_soon(self._begin_turn)
        self.done += number
        return True

    def _begin_turn(self) -> None:
        self.credit -= self.done
        self.done = 0

    def turn(self, number: int) -> asyncio.Future[None]:
        """A future that is done once this many fields can be completed."""
        loop = asyncio.get_running_loop()
        if not self.waiting:
            loop.call_soon(self._resume_waiting)
        turn: asyncio.Future[None] = loop.create_future()
        self.waiting.append((turn, number))
        return turn

    def _resume_waiting(self) -> None:
        while self.waiting and self.allows(self.waiting[0][1]):
            turn, _ = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
        if self.waiting:
            asyncio.get_running_loop().call_soon(self._resume_waiting)


class _DeferredWork:
    """Work for a later turn; it runs only if awaited."""

    def __init__(self, pace: Pace, work: Work, number: int) -> None:
        self.pace, self.work, self.number = pace, work, number

    def __await__(self) -> Generator[Any, None, Any]:
        yield from self.pace.turn(self.number)
        result = self.work()
        return (yield from result.__await__()) if isinstance(result, Awaitable) else result


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Pauses between objects so that other operations, time limits and signals are served, and gives each event of a
    subscription its own context."""

    quiet = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pace = Pace()

    @classmethod
    def build(cls, *args: Any, **kwargs: Any) -> Any:
        return super().build(*args, **kwargs | {"hide_suggestions": cls.quiet})

    def execute_fields(self, *given: Any) -> Any:
        """Executes one object's fields, now or in a later turn; `given` ends with the selected fields and the position."""
        number = len(given[-2])
        if self.pace.allows(number):
            return super().execute_fields(*given)
        return _DeferredWork(self.pace, partial(super().execute_fields, *given), number)

    def handle_field_error(self, raw_error: Exception, *given: Any) -> None:
        """Stops the operation after too many failed fields, because each error takes time to locate in the document."""
        if len(self.collected_errors.errors) >= MAX_ERRORS:
            raise GraphQLError(_TOO_MANY_ERRORS, extensions={"code": "QUERY_TOO_COSTLY"})
        super().handle_field_error(raw_error, *given)

    def build_per_event_executor(self, payload: Any) -> Any:
        executor = super().build_per_event_executor(payload)
        seats = self.context_value.seats
        executor.context_value = self.context_value.fork()
        executor.context_value.seats.update(seats)
        return executor


class QuietExecutor(Executor):
    """Does not suggest names in errors about variables and arguments."""

    quiet = True
