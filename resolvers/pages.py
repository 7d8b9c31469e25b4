"""A page of rows with their cursors, as every connection answers it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from resolvers.cursors import Slice

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows in the order asked for, each with its cursor."""

    rows: Sequence[T]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool


def page_of(rows: Sequence[T], window: Slice, cursor: Callable[[T], str]) -> Page[T]:
    """Of one row more than the limit, read forward."""
    shown = rows[: window.limit]
    return Page(shown, [cursor(row) for row in shown], len(rows) > window.limit, window.cursor is not None)


def page_between(rows: Sequence[T], window: Slice, more: bool, cursor: Callable[[T], str]) -> Page[T]:
    """Of exactly the rows to show, read forward or backward."""
    behind = window.cursor is not None
    has_next, has_previous = (behind, more) if window.backward else (more, behind)
    return Page(rows, [cursor(row) for row in rows], has_next, has_previous)
