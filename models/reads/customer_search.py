"""A page of the customer table: scope, filters and keyset in one statement; for searches and imports, one or two that find keys,
and one that reads their rows."""

from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from uuid import UUID

from models.connection import LISTS, SEARCH
from models.reads.customer_rows import CustomerRow, customer_columns, customer_joins
from models.reads.keyset import Position
from models.reads.operation import Ahead, Reads
from models.reads.parameters import Parameters
from models.rules.enums import CustomerOrderField, InvitationState
from models.rules.scope import Scope
from models.rules.search import Term, terms_of

FIRST_ROWS = 3000
"""How many rows in scope, in the requested order, are looked through before all hits are collected: in a search for the most recent
rows, and for the rows of an import."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """Filters within a scope. Times include since and exclude until."""

    scope: Scope
    search: str | None = None
    states: tuple[InvitationState, ...] | None = None
    sources: tuple[str, ...] | None = None
    bulk_import_id: UUID | None = None
    invited_since: datetime | None = None
    invited_until: datetime | None = None
    has_review: bool | None = None
    nps_at_least: int | None = None
    nps_at_most: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether there are no filters, and no search, not even one that says nothing. Others can be long, and are not kept."""
        return _narrowing(self) == _NOTHING


everything = lru_cache(maxsize=1_000)(Criteria)
"""The criteria of a whole scope, kept: most pages are of these."""
_NARROWING = [one.name for one in fields(Criteria) if one.name != "scope"]
_narrowing, _NOTHING = attrgetter(*_NARROWING), (None,) * len(_NARROWING)


@dataclass(frozen=True, slots=True)
class Order:
    field: CustomerOrderField = CustomerOrderField.INVITED_ON
    descending: bool = True


NEWEST_FIRST = Order()


@dataclass(frozen=True, slots=True)
class PageWindow:
    """`limit` rows after a position or, backward, before it."""

    limit: int
    position: Position | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Rows in the requested order; `more` says whether there are further ones in the window's direction."""

    rows: list[CustomerRow]
    more: bool


@dataclass(frozen=True, slots=True)
class BoundedCount:
    value: int
    exact: bool


_COLUMNS = {
    CustomerOrderField.INVITED_ON: "invited_on",
    CustomerOrderField.FIRST_NAME: "first_name_key",
    CustomerOrderField.LAST_NAME: "last_name_key",
    CustomerOrderField.NPS_SCORE: "nps_score",
    CustomerOrderField.RATING: "rating",
}
_NEVER_NULL = {"invited_on"}


_SHOWN_STATE = """
case when i.state in ('QUEUED', 'ACTIVE')
  and exists (select 1 from lane where lane.account_id = $1 and lane.held_by is not null)
  and (select la.held_by from message m join lane la on la.id = m.lane_id
       where m.invitation_id = i.id and m.state in ('SCHEDULED', 'CLAIMED', 'DEFERRED') order by m.step limit 1) is not null
then 'HELD' else i.state end
"""
"""The state as rows show it. Held lanes are rare, so messages are seldom read."""


class _Statement(Parameters):
    """Builds a statement: conditions and their parameters."""

    def __init__(self, criteria: Criteria) -> None:
        super().__init__()
        self.account = self.arg(criteria.scope.account_id)
        self.scope = [f"c.account_id = {self.account}"]
        if not criteria.scope.all_locations:
            self.scope.append(self._locations(criteria.scope.location_ids))
        self.filters: list[str] = []
        self.on_invitation = False
        self.of_import = criteria.bulk_import_id is not None
        self._filter(criteria)
        self.search = [self._matches(term) for term in terms_of(criteria.search)]

    def _matches(self, term: Term) -> str:
        """The search column has E.164 numbers as words without the plus, so that the index finds their beginnings."""
        words = [f"c.search like '%' || public.plaudit_fold({self.arg(word)}) || '%'" for word in term.words]
        alternatives = [" and ".join(words)] if words else []
        for number in map(self.arg, term.e164):
            alternatives.append(f"c.search like '% ' || {number} || '%' and c.phone like '+' || {number} || '%'")
        return f"({' or '.join(alternatives)})"

    def _locations(self, locations: tuple[UUID, ...]) -> str:
        if len(locations) == 1:  # with an equality, the index also provides the order
            return f"c.location_id = {self.arg(locations[0])}"
        return f"c.location_id = any({self.arg(list(locations))}::uuid[])"

    def _filter(self, criteria: Criteria) -> None:
        if criteria.sources is not None:
            self.filters.append(f"c.source = any({self.arg(list(criteria.sources))}::text[])")
        if criteria.invited_since is not None:
            self.filters.append(f"c.invited_on >= {self.arg(criteria.invited_since)}")
        if criteria.invited_until is not None:
            self.filters.append(f"c.invited_on < {self.arg(criteria.invited_until)}")
        if criteria.has_review is not None:
            self.filters.append(f"c.latest_review_id is {'not ' if criteria.has_review else ''}null")
        if criteria.nps_at_least is not None:
            self.filters.append(f"c.nps_score >= {self.arg(criteria.nps_at_least)}")
        if criteria.nps_at_most is not None:
            self.filters.append(f"c.nps_score <= {self.arg(criteria.nps_at_most)}")
        self._filter_by_invitation(criteria)

    def _filter_by_invitation(self, criteria: Criteria) -> None:
        if criteria.bulk_import_id is not None:
            self.filters.append(f"i.bulk_import_id = {self.arg(criteria.bulk_import_id)}")
        if criteria.states is not None:
            states = self.arg([str(state) for state in criteria.states])
            self.filters.append(f"({_SHOWN_STATE}) = any({states}::text[])")
        self.on_invitation = self.of_import or criteria.states is not None

    @property
    def collects(self) -> bool:
        """Whether all hits are collected first. How many there are differs much, so it is planned each time."""
        return bool(self.search) or self.of_import

    @property
    def source(self) -> str:
        """Customers, joined to their invitations if filters need them."""
        joined = "join invitation i on i.id = c.latest_invitation_id" if self.on_invitation else ""
        # The same once more, so that an import's customers can be found from its invitations.
        again = "and i.customer_id = c.id" if self.of_import else ""
        return f"customer c {joined} {again}"

    def first(self, ordering: str, *more: str) -> str:
        """The same, of the first rows in scope alone."""
        first = " and ".join([*self.scope, *more])
        rows = f"(select * from customer c where {first} order by {ordering} limit {FIRST_ROWS}) c"
        return self.source.replace("customer c", rows, 1)

    def where(self, *more: str) -> str:
        return " and ".join([*self.scope, *self.filters, *self.search, *more])


def _after(statement: _Statement, column: str, position: Position, descending: bool) -> str:
    """The rows after a position; nulls come last in either direction."""
    sign = "<" if descending else ">"
    key = statement.arg(position.key)
    if position.value is None:
        return f"(c.{column} is null and c.id {sign} {key})"
    value = statement.arg(position.value)
    condition = f"(c.{column}, c.id) {sign} ({value}, {key})"
    return condition if column in _NEVER_NULL else f"({condition} or c.{column} is null)"


def _before(statement: _Statement, column: str, position: Position, descending: bool) -> str:
    sign = ">" if descending else "<"
    key = statement.arg(position.key)
    if position.value is None:
        return f"(c.{column} is not null or c.id {sign} {key})"
    return f"(c.{column}, c.id) {sign} ({statement.arg(position.value)}, {key})"


def _ordering(column: str, descending: bool, backward: bool, alias: str = "c") -> str:
    direction = "desc" if descending != backward else "asc"
    nulls = "" if column in _NEVER_NULL else f" nulls {'first' if backward else 'last'}"
    return f"{alias}.{column} {direction}{nulls}, {alias}.id {direction}"


async def page(
    reads: Reads, criteria: Criteria, order: Order, window: PageWindow, columns: frozenset[str] | None = None
) -> CustomerPage:
    """At most `window.limit` rows, in the requested order. `columns`: those that will be read, if that is known.

    What collects hits is planned for each request, and then finds only keys: planning the joins takes longer than the search.
    """
    newest = order.field is CustomerOrderField.INVITED_ON and order.descending
    searches, of_import = bool(terms_of(criteria.search)), criteria.bulk_import_id is not None
    if not (searches or of_import):
        make = page_statement if criteria.is_whole else _page_statement
        statement = make(criteria, order, window, columns)
        return _page([CustomerRow(row) for row in await reads.rows(statement.sql, *statement.args)], window)
    keys: list[UUID] = []
    if of_import or newest:
        keys = await _keys(reads, criteria, order, window, first_only=True)
    if len(keys) <= window.limit:
        keys = await _keys(reads, criteria, order, window, first_only=False)
    if not keys:
        return CustomerPage([], more=False)
    text = _shown(order, window, columns, _OF_KEYS, "$2")
    rows = await reads.rows(text, keys, criteria.scope.account_id)
    return _page([CustomerRow(row) for row in rows], window)


def _page_statement(criteria: Criteria, order: Order, window: PageWindow, columns: frozenset[str] | None) -> Ahead:
    """The statement for a page of customers of neither a search nor an import, with one more row if there are further ones."""
    statement = _Statement(criteria)
    chosen = f"({_chosen(statement, order, window, 'c.*')}) c"
    return Ahead(_shown(order, window, columns, chosen, statement.account), tuple(statement.args))


page_statement = lru_cache(maxsize=500)(_page_statement)
"""The same for all customers in scope, kept."""


_OF_KEYS = "unnest($1::uuid[]) as hits (key) join customer c on c.id = hits.key and c.account_id = $2"


def _page(rows: list[CustomerRow], window: PageWindow) -> CustomerPage:
    shown = rows[: window.limit]
    return CustomerPage(shown[::-1] if window.backward else shown, more=len(rows) > window.limit)


async def _keys(reads: Reads, criteria: Criteria, order: Order, window: PageWindow, *, first_only: bool) -> list[UUID]:
    statement = _Statement(criteria)
    text = _chosen(statement, order, window, "c.id", first_only=first_only)
    return [row[0] for row in await reads.rows(text, *statement.args, pool=SEARCH)]


def _chosen(statement: _Statement, order: Order, window: PageWindow, what: str, *, first_only: bool = False) -> str:
    """The statement that finds the customers of a page, of which there is one more if there are further ones."""
    column = _COLUMNS[order.field]
    keyset = []
    if window.position is not None:
        condition = _before if window.backward else _after
        keyset.append(condition(statement, column, window.position, order.descending))
    ordering = _ordering(column, order.descending, window.backward)
    limit = window.limit + 1  # not a parameter: without its value, the planner would read everything
    if first_only:
        chosen = f"select {what} from {statement.first(ordering, *keyset)} where {statement.where()}"
    elif statement.collects:
        # Materialized, so that the planner uses the index of what is searched, not the one for the order.
        hits = f"select {what}, c.{column} from {statement.source} where {statement.where(*keyset)}"
        chosen = f"with c as materialized ({hits}) select {what} from c"
    else:
        chosen = f"select {what} from {statement.source} where {statement.where(*keyset)}"
    return f"{chosen} order by {ordering} limit {limit}"


def _shown(order: Order, window: PageWindow, columns: frozenset[str] | None, chosen: str, account: str) -> str:
    """The statement for chosen customers, as they are ordered on a page. `account`: the parameter that has their account."""
    column = _COLUMNS[order.field]
    return f"""
      select {customer_columns(columns)}, c.{column} as order_value from {chosen} {customer_joins(columns, account)}
      order by {_ordering(column, order.descending, window.backward)}
    """


async def count(reads: Reads, criteria: Criteria, up_to: int) -> BoundedCount:
    """The number of rows, counted up to a limit. Of a search, the first rows often have as many hits."""
    statement = _Statement(criteria)
    number = 0
    if statement.search and up_to < FIRST_ROWS:
        number = await _count(reads, statement, statement.first(_ordering("invited_on", True, False)), up_to + 1)
    if number <= up_to:
        number = await _count(reads, statement, statement.source, up_to + 1)
    return BoundedCount(min(number, up_to), exact=number <= up_to)


async def _count(reads: Reads, statement: _Statement, source: str, limit: int) -> int:
    text = f"select count(*) from (select 1 from {source} where {statement.where()} limit {limit}) counted"
    row = await reads.row(text, *statement.args, pool=SEARCH if statement.collects else LISTS)
    return int(row[0]) if row else 0


_BY_IDS = f"select {customer_columns(None)} from customer c {customer_joins(None)} where c.id = any($1::uuid[])"


async def by_ids(reads: Reads, ids: list[UUID]) -> list[CustomerRow]:
    """Customers by key, in any account: only `resolvers/scope.py` may call this."""
    return [CustomerRow(row) for row in await reads.rows(_BY_IDS, ids)]


def by_id_statement(key: UUID) -> Ahead:
    """The statement for one customer."""
    return Ahead(_BY_IDS, ([key],))
