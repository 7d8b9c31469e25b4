"""Pages of rows with their cursors, for every connection."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from models.reads.keyset import Position
from resolvers.context import Context
from resolvers.cursors import Slice

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows in the requested order, each with its cursor."""

    rows: Sequence[T]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool


def position_of(context: Context, connection: str, window: Slice) -> Position | None:
    """Where the page begins; None for the first page."""
    return None if window.cursor is None else context.cursors.read(connection, window.cursor)


async def page_forward(
    context: Context,
    connection: str,
    window: Slice,
    read: Callable[[int, Position | None], Awaitable[Sequence[T]]],
    at: Callable[[T], Position],
) -> Page[T]:
    """A page of a list that is read forward; reads one extra row to know whether there is a next page."""
    rows = await read(window.limit + 1, position_of(context, connection, window))
    return _page(context, connection, window, [(at(row), row) for row in rows])


async def page_of_parent(
    context: Context,
    connection: str,
    parent: UUID,
    window: Slice,
    read: Callable[[Sequence[UUID], int, Position | None], Awaitable[dict[UUID, list[tuple[Position, T]]]]],
) -> Page[T]:
    """A page of the list of one parent row; the lists of several parents are read together."""
    name = f"{connection}:{parent.hex}"
    after = position_of(context, name, window)

    async def load(keys: Sequence[UUID]) -> dict[UUID, list[tuple[Position, T]]]:
        return await read(keys, window.limit + 1, after)

    rows = await context.load((connection, window.limit, after), load, parent)
    return _page(context, name, window, rows)


def _page(context: Context, connection: str, window: Slice, rows: Sequence[tuple[Position, T]]) -> Page[T]:
    shown = rows[: window.limit]
    cursors = context.cursors.make_all(connection, [position for position, _ in shown])
    return Page([row for _, row in shown], cursors, len(rows) > window.limit, window.cursor is not None)


def page_between(rows: Sequence[T], window: Slice, more: bool, cursors: Sequence[str]) -> Page[T]:
    """A page of exactly these rows, read forward or backward; `more` says whether there are further ones."""
    has_cursor = window.cursor is not None
    has_next, has_previous = (has_cursor, more) if window.backward else (more, has_cursor)
    return Page(rows, cursors, has_next, has_previous)
