"""Objects with an id, and how the rows behind them are shown."""

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry

from resolvers.context import Context


@strawberry.interface(description="An object with an id. Ids are unique across all types, and opaque.")
class Node:
    id: strawberry.ID = strawberry.field(description="Unique across all types.")


Row = TypeVar("Row")
_SHOWN: dict[type, Callable[[Any, Context], Node]] = {}


def shows(kind: type[Row], show: Callable[[Row, Context], Node]) -> None:
    """Declares how rows of a kind are shown. Types that refer to each other meet here, and need not import each other."""
    _SHOWN[kind] = show


def shown(row: object, context: Context) -> Node:
    """A row within the viewer's scope, as its type."""
    return _SHOWN[type(row)](row, context)
