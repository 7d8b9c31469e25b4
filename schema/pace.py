"""Execution that yields to other operations: limits how much is computed without a pause."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from graphql import DocumentNode, GraphQLError, GraphQLNonNull, GraphQLObjectType, GraphQLSchema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema import compiled
from schema.operations import booleans_of

FIRST_FIELDS = 5_000
"""Fields that an operation completes before it waits for turns; more than an ordinary page has."""
FIELDS_PER_TURN = 500
"""Fields that it completes in a turn; a few milliseconds."""
REST_SECONDS = 0.1
"""For this long after a request arrives, each turn is followed by an equally long rest."""
MAX_ERRORS = 500
_TOO_MANY_ERRORS = f"The operation was stopped because more than {MAX_ERRORS} of its fields failed."
Work = Callable[[], Any]


class Pace:
    """Counts the fields that one operation may still complete, and queues its objects for the next turn. `characters`: those of the
    keys and texts that compiled selections and plans have completed.

    Objects executed in the same turn share batches of reads, so turns are as long as allowed.
    """

    def __init__(self) -> None:
        self.left = FIRST_FIELDS
        self.characters = 0
        self.waiting: deque[tuple[asyncio.Future[None], int]] = deque()

    def allows(self, number: int) -> bool:
        """Whether an object with this many fields can be executed now; if so, counts them."""
        if self.left <= 0:
            return False
        self.left -= number
        return True

    def turn(self, number: int) -> asyncio.Future[None]:
        """A future that is done once this many fields can be completed."""
        if not self.waiting:
            Scheduler.of_this_loop().add(self._take_turn)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((turn, number))
        return turn

    def _take_turn(self) -> bool:
        self.left = FIELDS_PER_TURN
        while self.waiting and self.left > 0:
            turn, number = self.waiting.popleft()
            if not turn.done():
                self.left -= number
                turn.set_result(None)
        return bool(self.waiting)


def single_turn() -> asyncio.Future[None]:
    """A future that is done when it is one long computation's turn; for computations outside execution."""
    turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def take_turn() -> bool:
        if not turn.done():
            turn.set_result(None)
        return False

    Scheduler.of_this_loop().add(take_turn)
    return turn


def request_arrived() -> None:
    """Starts a period in which turns are followed by rests, so that short operations can complete."""
    Scheduler.of_this_loop().request_arrived()


class Scheduler:
    """Starts at most one long computation in each iteration of the event loop, in rotation."""

    _of: WeakKeyDictionary[asyncio.AbstractEventLoop, "Scheduler"] = WeakKeyDictionary()

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.waiting: deque[Callable[[], bool]] = deque()
        self.turn_began = self.rests_until = 0.0
        self.rested = True

    @classmethod
    def of_this_loop(cls) -> "Scheduler":
        loop = asyncio.get_running_loop()
        if loop not in cls._of:
            cls._of[loop] = cls(loop)
        return cls._of[loop]

    def add(self, take_turn: Callable[[], bool]) -> None:
        """Calls `take_turn` when its turn comes, and again in later turns for as long as it returns true."""
        if not self.waiting:
            self.loop.call_soon(self._next)
        self.waiting.append(take_turn)

    def request_arrived(self) -> None:
        self.rests_until = self.loop.time() + REST_SECONDS

    def _next(self) -> None:
        now = self.loop.time()
        lasted = now - self.turn_began
        if now < self.rests_until and lasted < REST_SECONDS and not self.rested:
            self.rested = True
            self.loop.call_later(lasted, self._next)
            return
        self.turn_began, self.rested = now, False
        if self.waiting[0]():
            self.waiting.rotate(-1)
        else:
            self.waiting.popleft()
        if self.waiting:
            self.loop.call_soon(self._next)


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
        self.prepared: compiled.Prepared | None = None
        self.booleans = booleans_of(self.variable_values)

    @classmethod
    def build(cls, schema: GraphQLSchema, document: DocumentNode, *args: Any, **kwargs: Any) -> Any:
        executor: Any = super().build(schema, document, *args, **kwargs | {"hide_suggestions": cls.quiet})
        if isinstance(executor, Executor) and not getattr(executor.middleware_manager, "middlewares", ()):
            executor.prepared = compiled.library.find(document)
            if executor.prepared is not None:
                executor.prepared.executions += 1
        return executor

    def execute_fields(self, *given: Any) -> Any:
        """Executes one object's fields, now or in a later turn; `given` ends with the selected fields and the position."""
        number = len(given[-2])
        if self.pace.allows(number):
            return super().execute_fields(*given)
        return _DeferredWork(self.pace, partial(super().execute_fields, *given), number)

    def complete_object_value(
        self, return_type: GraphQLObjectType, field_details_list: Any, info: Any, path: Any, result: Any, *position: Any
    ) -> Any:
        given = return_type, field_details_list, info, path, result, *position
        otherwise = partial(super().complete_object_value, *given)
        selection = self.prepared and self.prepared.find(self, return_type, field_details_list, self.booleans)
        if not selection:
            return otherwise()
        return self._complete_compiled(partial(selection.complete, result, self), otherwise, selection.size)

    def complete_iterable_value(
        self, item_type: Any, field_details_list: Any, info: Any, path: Any, items: Any, *position: Any
    ) -> Any:
        otherwise = partial(
            super().complete_iterable_value, item_type, field_details_list, info, path, items, *position
        )
        kind = item_type.of_type if isinstance(item_type, GraphQLNonNull) else item_type
        if not self.prepared or not isinstance(kind, GraphQLObjectType) or items.__class__ not in (list, tuple):
            return otherwise()
        selection = self.prepared.find(self, kind, field_details_list, self.booleans)
        if selection is None:
            return otherwise()
        complete = selection.complete

        def complete_all() -> list[Any]:
            if kind is item_type:
                return [None if one is None else complete(one, self) for one in items]
            return [complete(one, self) for one in items]

        return self._complete_compiled(complete_all, otherwise, selection.size * len(items))

    def _complete_compiled(self, complete: Work, otherwise: Work, values: int) -> Any:
        """Completes so many values by a compiled selection, or by graphql-core if it does not apply; now or in a later turn."""

        def work() -> Any:
            try:
                return complete()
            except Exception:  # noqa: BLE001 - graphql-core raises it again, where it belongs
                return otherwise()

        number = values // compiled.VALUES_PER_FIELD
        return work() if self.pace.allows(number) else _DeferredWork(self.pace, work, number)

    def handle_field_error(self, raw_error: Exception, *given: Any) -> None:
        """Stops the operation after too many failed fields, because each error takes time to locate in the document."""
        if len(self.collected_errors.errors) >= MAX_ERRORS:
            raise GraphQLError(_TOO_MANY_ERRORS, extensions={"code": "QUERY_TOO_COSTLY"})
        super().handle_field_error(raw_error, *given)

    def build_per_event_executor(self, payload: Any) -> Any:
        executor: Any = super().build_per_event_executor(payload)
        executor.pace = Pace()
        seats = self.context_value.seats
        executor.context_value = self.context_value.fork()
        executor.context_value.seats.update(seats)
        return executor


class QuietExecutor(Executor):
    """Does not suggest names in errors about variables and arguments."""

    quiet = True
