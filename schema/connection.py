"""What connections and nodes have in common."""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import strawberry

from resolvers.context import Context
from resolvers.pages import Page

Info: TypeAlias = strawberry.Info[Context, None]
Row = TypeVar("Row")
Edge = TypeVar("Edge")


@strawberry.interface(description="Whatever has an id; ids are unique across all types, and opaque.")
class Node:
    id: strawberry.ID = strawberry.field(description="Unique across all types.")


@strawberry.type(description="Where a page lies in its connection.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether rows follow.")
    has_previous_page: bool = strawberry.field(description="Whether rows stand before.")
    start_cursor: str | None = strawberry.field(description="The first row's cursor.")
    end_cursor: str | None = strawberry.field(description="The last row's cursor.")


def page_info(page: Page[Any]) -> PageInfo:
    cursors = page.cursors
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )


def edges(page: Page[Row], make: Callable[[str, Row], Edge]) -> list[Edge]:
    return [make(cursor, row) for cursor, row in zip(page.cursors, page.rows, strict=True)]
