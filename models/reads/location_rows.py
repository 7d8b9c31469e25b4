"""Reads locations and the platforms they offer."""

from collections.abc import Sequence
from uuid import UUID

from models.reads.customer_rows import LOCATION_COLUMNS, PLATFORM_COLUMNS, LocationRow, PlatformRow
from models.reads.keyset import Position
from models.reads.operation import Reads
from models.rules.scope import Scope

_LOCATION = f"select {LOCATION_COLUMNS} from location l"


async def by_ids(reads: Reads, keys: Sequence[UUID]) -> list[LocationRow]:
    """Locations by key, in any account: only `resolvers/scope.py` may call this."""
    return [LocationRow(row) for row in await reads.rows(f"{_LOCATION} where l.id = any($1::uuid[])", list(keys))]


async def country(reads: Reads, key: UUID) -> str:
    """The location's country, which determines how phone numbers without a country code are parsed."""
    row = await reads.row("select country from location where id = $1", key)
    assert row is not None
    return str(row["country"])


async def in_scope(reads: Reads, scope: Scope, limit: int, after: Position | None = None) -> list[LocationRow]:
    """Locations in scope, ordered by name."""
    keyset = "and (name, id) > ($4, $5)" if after else ""
    text = f"""{_LOCATION} where account_id = $1 and ($2::uuid[] is null or id = any($2::uuid[])) {keyset}
      order by name, id limit $3"""
    rows = await reads.rows(text, scope.account_id, scope.parameter, limit, *(after or ()))
    return [LocationRow(row) for row in rows]


async def count(reads: Reads, scope: Scope) -> int:
    row = await reads.row(
        "select count(*) from location where account_id = $1 and ($2::uuid[] is null or id = any($2::uuid[]))",
        scope.account_id,
        scope.parameter,
    )
    return int(row[0]) if row else 0


async def platforms(reads: Reads, locations: Sequence[UUID]) -> dict[UUID, list[PlatformRow]]:
    """The platforms that each location offers, in its order, in one statement."""
    text = f"""select p.location_id, {PLATFORM_COLUMNS} from review_platform p
      where location_id = any($1::uuid[]) and offered order by location_id, position, id"""
    found: dict[UUID, list[PlatformRow]] = {key: [] for key in locations}
    for row in await reads.rows(text, list(locations)):
        found[row["location_id"]].append(PlatformRow(row))
    return found
