"""The types shared by all connections (Relay's cursor connections specification)."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, Generic, TypeAlias, TypeVar

import strawberry

from resolvers.context import Context
from resolvers.pages import Page

Info: TypeAlias = strawberry.Info[Context, None]
Row = TypeVar("Row")
NodeType = TypeVar("NodeType")


def columns_read(info: Info) -> frozenset[str] | None:
    """The columns of records that will be read of what this field returns, if a plan knows."""
    return columns_of(_reads(info))


def is_read(info: Info, coordinate: str) -> bool:
    """Whether this attribute may be read below what this field returns."""
    reads = _reads(info)
    return reads is None or coordinate in reads


def _reads(info: Info) -> frozenset[str] | None:
    return getattr(info._raw_info, "reads", None)  # noqa: SLF001 - what `schema.plans` passes


@lru_cache(maxsize=500)
def columns_of(reads: frozenset[str] | None) -> frozenset[str] | None:
    """The columns among what a plan knows will be read."""
    return None if reads is None else frozenset(one for one in reads if "." not in one)


@strawberry.type(description="Where a page lies in its connection.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more rows follow.")
    has_previous_page: bool = strawberry.field(description="Whether rows precede this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first row.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last row.")


@strawberry.type(description="A row of a connection, with its cursor.")
class Edge(Generic[NodeType]):
    cursor: str = strawberry.field(description="Pass it as after, or before, to continue from here.")
    node: NodeType = strawberry.field(description="The row itself.")


@strawberry.type(description="A page of rows.")
class Connection(Generic[NodeType]):
    count: strawberry.Private[Callable[[], Awaitable[int]]]
    edges: list[Edge[NodeType]] = strawberry.field(description="The rows of this page.")
    page_info: PageInfo = strawberry.field(description="Where this page lies.")

    @strawberry.field(description="The number of rows on all pages.")
    async def total_count(self) -> int:
        return await self.count()


def page_info(page: Page[Any]) -> PageInfo:
    cursors = page.cursors
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )


def edges(page: Page[Row], convert: Callable[[Row], NodeType]) -> list[Edge[NodeType]]:
    return [Edge(cursor=cursor, node=convert(row)) for cursor, row in zip(page.cursors, page.rows, strict=True)]


def connection(
    page: Page[Row], convert: Callable[[Row], NodeType], count: Callable[[], Awaitable[int]]
) -> Connection[NodeType]:
    """`count` runs only if totalCount is selected."""
    return Connection(edges=edges(page, convert), page_info=page_info(page), count=count)
