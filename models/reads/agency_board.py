"""An agency's board: a page of its clients in any order, and their totals; no customer data."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from models.reads.account_rows import ACCOUNT_COLUMNS
from models.reads.funnel import COUNTED, Days, FunnelRow, funnel_of
from models.reads.keyset import Position
from models.reads.operation import Ahead, Reads
from models.reads.parameters import Parameters
from models.rules.enums import AgencyClientOrderField


@dataclass(frozen=True, slots=True)
class Clients:
    """A selection of clients: all of an agency's if `assigned_to` is None, otherwise those assigned to this membership;
    `search` filters by name."""

    agency_id: UUID
    assigned_to: UUID | None
    search: str | None


@dataclass(frozen=True, slots=True)
class ClientOrder:
    field: AgencyClientOrderField = AgencyClientOrderField.NAME
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ClientRow:
    """`account` has the columns of ACCOUNT_COLUMNS; `order_value` is for cursors."""

    account: asyncpg.Record
    order_value: str | int | float | None


@dataclass(frozen=True, slots=True)
class Totals:
    clients: int
    invited_this_cycle: int
    funnel: FunnelRow


_KEYS = {
    AgencyClientOrderField.NAME: "name_key",
    AgencyClientOrderField.INVITED_THIS_CYCLE: "invited",
    AgencyClientOrderField.ALLOWANCE_USED: "allowance_used",
    AgencyClientOrderField.NPS: "nps",
    AgencyClientOrderField.RATING: "rating",
}


class _Statement(Parameters):
    """The conditions that choose clients, and their parameters. It has only those that apply: with others that are always true, the
    plan for any parameters would expect so few clients that it reads and sorts all of them."""

    def __init__(self, clients: Clients) -> None:
        super().__init__()
        conditions = [f"c.agency_id = {self.arg(clients.agency_id)}"]
        if clients.assigned_to is not None:
            assigned = f"m.membership_id = {self.arg(clients.assigned_to)} and m.account_id = c.account_id"
            conditions.append(f"exists (select 1 from membership_client m where {assigned})")
        if any(letter.isalnum() for letter in clients.search or ""):
            conditions.append(f"c.name_key like '%' || public.plaudit_fold({self.arg(clients.search)}) || '%'")
        self.chosen = " and ".join(conditions)


async def page(
    reads: Reads, clients: Clients, order: ClientOrder, limit: int, after: Position | None = None
) -> list[ClientRow]:
    """Clients in the requested order; nulls come last in either direction."""
    statement = page_statement(clients, order, limit, after)
    return [ClientRow(row, row["order_value"]) for row in await reads.rows(statement.sql, *statement.args)]


def page_statement(clients: Clients, order: ClientOrder, limit: int, after: Position | None) -> Ahead:
    """The statement for a page of clients."""
    key, direction, sign = _KEYS[order.field], "desc" if order.descending else "asc", "<" if order.descending else ">"
    statement, keyset = _Statement(clients), ""
    if after is not None and after.value is None:
        keyset = f"and c.{key} is null and c.account_id {sign} {statement.arg(after.key)}"
    elif after is not None:
        position = f"({statement.arg(after.value)}, {statement.arg(after.key)})"
        keyset = f"and ((c.{key}, c.account_id) {sign} {position} or c.{key} is null)"
    text = f"""
      select {ACCOUNT_COLUMNS}, c.{key} as order_value from agency_client c join account a on a.id = c.account_id
      where {statement.chosen} {keyset} order by c.{key} {direction} nulls last, c.account_id {direction} limit {limit}
    """
    return Ahead(text, tuple(statement.args))


async def count(reads: Reads, clients: Clients) -> int:
    statement = _Statement(clients)
    row = await reads.row(f"select count(*) from agency_client c where {statement.chosen}", *statement.args)
    return int(row[0]) if row else 0


_SUMS = ", ".join(f"sum({name}) as {name}" for name in COUNTED)
_TOTALS = f"""
select n.*, f.* from (
  select count(*)::int as clients,
    coalesce(sum(c.invited) filter (where c.resets_at > {{now}}::timestamptz), 0)::int as invited_this_cycle
  from agency_client c where {{chosen}}
) n cross join (
  select {_SUMS} from funnel_day d
  where {{days}} and day between coalesce({{since}}::date, '-infinity') and coalesce({{until}}::date, 'infinity')
) f
"""
_OF_ALL = "d.account_id = $1 and d.location_id is null"
_OF_SOME = (
    "d.account_id = any(array(select c.account_id from agency_client c where {chosen})) and d.location_id is not null"
)


async def totals(reads: Reads, clients: Clients, days: Days, now: datetime) -> Totals:
    """Totals over the clients, in one statement; if the viewer sees all clients, its cost does not grow with them."""
    statement = _Statement(clients)
    text = _TOTALS.format(
        now=statement.arg(now),
        since=statement.arg(days.since),
        until=statement.arg(days.until),
        days=_OF_ALL if clients.assigned_to is None else _OF_SOME.format(chosen=statement.chosen),
        chosen=statement.chosen,
    )
    row = await reads.row(text, *statement.args)
    assert row is not None
    return Totals(row["clients"], row["invited_this_cycle"], funnel_of(row))
