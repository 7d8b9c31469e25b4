"""Execution that lets others have their turn: what one operation computes without a pause is bounded."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any

from graphql import GraphQLError
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

AT_FIRST = 10_000
"""Fields that an operation completes before it must pause: more than an ordinary page has."""
THEN = 1_000
"""Fields between its pauses from then on: some milliseconds."""
MOST_ERRORS = 500
_TOO_MANY_ERRORS = f"More than {MOST_ERRORS} fields of this operation failed; it was ended."
Work = Callable[[], Any]


class Pace:
    """Counts the fields of one operation, and keeps what must wait for the next turn of the event loop.

    Objects that are executed in the same turn share their batches of reads, so a turn is as long as it can be.
    """

    def __init__(self) -> None:
        self.credit = AT_FIRST
        self.done = 0
        self.waiting: deque[tuple[asyncio.Future[None], int]] = deque()

    def allows(self, number: int) -> bool:
        """Whether so many fields may still be completed in this turn."""
        if self.done >= max(self.credit, THEN):
            return False
        if self.done == 0:
            asyncio.get_running_loop().call_soon(self._begin_turn)
        self.done += number
        return True

    def _begin_turn(self) -> None:
        self.credit -= self.done
        self.done = 0

    def turn(self, number: int) -> asyncio.Future[None]:
        """Comes once so many fields may be completed."""
        loop = asyncio.get_running_loop()
        if not self.waiting:
            loop.call_soon(self._give_turns)
        comes: asyncio.Future[None] = loop.create_future()
        self.waiting.append((comes, number))
        return comes

    def _give_turns(self) -> None:
        while self.waiting and self.allows(self.waiting[0][1]):
            comes, _ = self.waiting.popleft()
            if not comes.done():
                comes.set_result(None)
        if self.waiting:
            asyncio.get_running_loop().call_soon(self._give_turns)


class _Later:
    """Work to be done in a turn to come; nothing happens to it where nobody awaits it."""

    def __init__(self, pace: Pace, work: Work, number: int) -> None:
        self.pace, self.work, self.number = pace, work, number

    def __await__(self) -> Generator[Any, None, Any]:
        yield from self.pace.turn(self.number)
        result = self.work()
        return (yield from result.__await__()) if isinstance(result, Awaitable) else result


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Pauses between objects, so that other operations, time limits and signals get their turn; and gives each event of
    a subscription a context of its own."""

    quiet = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pace = Pace()

    @classmethod
    def build(cls, *args: Any, **kwargs: Any) -> Any:
        return super().build(*args, **kwargs | {"hide_suggestions": cls.quiet})

    def execute_fields(self, *given: Any) -> Any:
        """Of one object; `given` ends with the selected fields and the position."""
        number = len(given[-2])
        if self.pace.allows(number):
            return super().execute_fields(*given)
        return _Later(self.pace, partial(super().execute_fields, *given), number)

    def handle_field_error(self, raw_error: Exception, *given: Any) -> None:
        """Ends the operation once too many fields have failed: each error looks for its place in the document."""
        if len(self.collected_errors.errors) >= MOST_ERRORS:
            raise GraphQLError(_TOO_MANY_ERRORS, extensions={"code": "QUERY_TOO_COSTLY"})
        super().handle_field_error(raw_error, *given)

    def build_per_event_executor(self, payload: Any) -> Any:
        executor = super().build_per_event_executor(payload)
        seats = self.context_value.seats
        executor.context_value = self.context_value.fork()
        executor.context_value.seats.update(seats)
        return executor


class QuietExecutor(Executor):
    """Suggests no names in errors about variables and arguments."""

    quiet = True
