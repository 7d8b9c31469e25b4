"""Objects with an id, and the conversion of rows to their types."""

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry

from resolvers.context import Context


@strawberry.interface(description="An object with an id. Ids are unique across all types, and opaque.")
class Node:
    id: strawberry.ID = strawberry.field(description="Unique across all types.")


Row = TypeVar("Row")
_CONVERTERS: dict[type, Callable[[Any, Context], Node]] = {}


def register_node(row_type: type[Row], convert: Callable[[Row, Context], Node]) -> None:
    """Registers the conversion of a row type, so that types that refer to each other need not import each other."""
    _CONVERTERS[row_type] = convert


def node_of(row: object, context: Context) -> Node:
    """The GraphQL object for a row in the viewer's scope."""
    return _CONVERTERS[type(row)](row, context)
