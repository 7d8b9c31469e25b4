"""The customer table: a page of it, and the number of rows."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import orjson

from models.reads import customer_search
from models.reads.customer_rows import CustomerRow
from models.reads.customer_search import BoundedCount, Criteria, Order, PageWindow
from models.reads.operation import Ahead
from models.rules import ids
from permissions.viewer import Seat
from resolvers.context import Context
from resolvers.cursors import Slice
from resolvers.errors import bad_input
from resolvers.pages import Page, page_between, position_of

MAX_COUNTED = 10_000


def narrow(criteria: Criteria, location_ids: Sequence[str] | None) -> Criteria:
    """The criteria limited to these locations, if given; ids outside the scope match no rows."""
    for name, bound in (("npsAtLeast", criteria.nps_at_least), ("npsAtMost", criteria.nps_at_most)):
        if bound is not None and not 0 <= bound <= 10:
            raise bad_input(f"{name} must be a score from 0 to 10.")
    if location_ids is None:
        return criteria
    keys = [key for key in (ids.parse_id(ids.LOCATION, one) for one in location_ids) if key]
    return replace(criteria, scope=criteria.scope.narrowed(keys))


async def page(
    context: Context, criteria: Criteria, order: Order, window: Slice, columns: frozenset[str] | None
) -> Page[CustomerRow]:
    """`columns`: those that will be read of the rows, if that is known."""
    name, asked = _asked(context, criteria, order, window)
    found = await customer_search.page(context.reads, criteria, order, asked, columns)
    cursors = context.cursors.make_all(name, [row.position for row in found.rows])
    return page_between(found.rows, window, found.more, cursors)


def page_ahead(
    context: Context, criteria: Criteria, order: Order, window: Slice, columns: frozenset[str] | None
) -> Ahead | None:
    """What `page` will read; None for filters and searches, which may take long."""
    if not criteria.is_whole:
        return None
    return customer_search.page_statement(criteria, order, _asked(context, criteria, order, window)[1], columns)


def _asked(context: Context, criteria: Criteria, order: Order, window: Slice) -> tuple[str, PageWindow]:
    """The name of the connection, and where its page begins."""
    name = (_kept_name if criteria.is_whole else _connection_name)(criteria, order)
    return name, PageWindow(window.limit, position_of(context, name, window), window.backward)


def customer_ahead(_context: Context, seat: Seat, _columns: object, id: str) -> Ahead | None:
    """What looking up one customer will read; `below` has the customer's key and seat."""
    key = ids.parse_id(ids.CUSTOMER, id)
    return customer_search.by_id_statement(key)._replace(below=(key, seat)) if key else None


def _connection_name(criteria: Criteria, order: Order) -> str:
    """Limits a cursor to its own account, order, search and filters."""
    arguments = orjson.dumps([criteria, order], default=str)
    return f"customers:{hashlib.sha256(arguments).hexdigest()}"


_kept_name = lru_cache(maxsize=1_000)(_connection_name)


async def count(context: Context, criteria: Criteria, up_to: int) -> BoundedCount:
    if not 1 <= up_to <= MAX_COUNTED:
        raise bad_input(f"upTo must be from 1 to {MAX_COUNTED}.")
    return await customer_search.count(context.reads, criteria, up_to)
