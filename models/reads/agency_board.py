"""An agency's board: a page of its clients in any order, and what they are together; never whom they invited."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from models.reads.account_columns import ACCOUNT_COLUMNS
from models.reads.funnel import COUNTED, Days, FunnelRow, funnel_of
from models.reads.keyset import Position
from models.reads.operation import Reads
from models.rules.enums import AgencyClientOrderField


@dataclass(frozen=True, slots=True)
class Clients:
    """Which clients: all of an agency, or those that a membership is assigned to; `search` narrows by name."""

    agency_id: UUID
    assigned_to: UUID | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class ClientOrder:
    field: AgencyClientOrderField = AgencyClientOrderField.NAME
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ClientRow:
    """`account`: the record's columns are those of ACCOUNT_COLUMNS. `order_value`: for cursors."""

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
_CHOSEN = """
c.agency_id = $1
  and ($2::uuid is null or exists (select 1 from membership_client m where m.membership_id = $2 and m.account_id = c.account_id))
"""
_NAMED = "($3::text is null or c.name_key like '%' || public.plaudit_fold($3) || '%')"


def _asked(clients: Clients) -> tuple[object, ...]:
    wanted = clients.search if any(letter.isalnum() for letter in clients.search or "") else None
    return clients.agency_id, clients.assigned_to, wanted


async def page(
    reads: Reads, clients: Clients, order: ClientOrder, limit: int, behind: Position | None = None
) -> list[ClientRow]:
    """In the order asked for, nulls last either way."""
    key, way, sign = _KEYS[order.field], "desc" if order.descending else "asc", "<" if order.descending else ">"
    args, after = list(_asked(clients)), ""
    if behind is not None and behind.value is None:
        args.append(behind.key)
        after = f"and c.{key} is null and c.account_id {sign} $4"
    elif behind is not None:
        args += [behind.value, behind.key]
        after = f"and ((c.{key}, c.account_id) {sign} ($4, $5) or c.{key} is null)"
    text = f"""
      select {ACCOUNT_COLUMNS}, c.{key} as order_value from agency_client c join account a on a.id = c.account_id
      where {_CHOSEN} and {_NAMED} {after} order by c.{key} {way} nulls last, c.account_id {way} limit {limit}
    """
    return [ClientRow(row, row["order_value"]) for row in await reads.rows(text, *args)]


async def number(reads: Reads, clients: Clients) -> int:
    row = await reads.row(f"select count(*) from agency_client c where {_CHOSEN} and {_NAMED}", *_asked(clients))
    return int(row[0]) if row else 0


_TOGETHER = ", ".join(f"sum({name}) as {name}" for name in COUNTED)
_BETWEEN = "day between coalesce($4::date, '-infinity') and coalesce($5::date, 'infinity')"
_TOTALS = f"""
select n.*, f.* from (
  select count(*)::int as clients,
    coalesce(sum(c.invited) filter (where c.resets_at > $3::timestamptz), 0)::int as invited_this_cycle
  from agency_client c where {_CHOSEN}
) n cross join (
  select {_TOGETHER} from funnel_day d where {{days}} and {_BETWEEN}
) f
"""
_OF_ALL = "d.account_id = $1 and d.location_id is null"
_OF_SOME = (
    f"d.account_id = any(array(select c.account_id from agency_client c where {_CHOSEN})) and d.location_id is not null"
)


async def totals(reads: Reads, clients: Clients, days: Days, now: datetime) -> Totals:
    """Of all that the clients are; one statement, whose cost does not grow with their number where all are seen."""
    text = _TOTALS.format(days=_OF_ALL if clients.assigned_to is None else _OF_SOME)
    row = await reads.row(text, clients.agency_id, clients.assigned_to, now, days.since, days.until)
    assert row is not None
    return Totals(row["clients"], row["invited_this_cycle"], funnel_of(row))
