"""Looks up the time zones of phone numbers stored before they were looked up, or before their location moved."""

from datetime import datetime

from models.connection import Db, execute, fetch
from models.rules.recipient_zone import recipient_zone, zone_columns
from models.tables.location import Location

BATCH = 1000

_UNKNOWN = """
select c.id, c.phone, l.time_zone as home from customer c join location l on l.id = c.location_id
where c.phone is not null and c.zone_spread is null order by c.id limit $1 for update of c skip locked
"""
_SET = """
update customer c set time_zone = t.zone, zone_spread = t.spread
from unnest($1::uuid[], $2::text[], $3::smallint[]) as t (id, zone, spread) where c.id = t.id
"""
_FORGET = """
update customer set time_zone = null, zone_spread = null
where account_id = $1 and location_id = $2 and phone is not null and (time_zone is null or zone_spread > 0)
"""


async def look_up(tx: Db, now: datetime) -> int:
    """Looks up a batch of numbers, and returns how many. Their queued messages move when they are stamped."""
    rows = await fetch(tx, _UNKNOWN, BATCH)
    if rows:
        found = [zone_columns(recipient_zone(row["phone"], row["home"], now.year)) for row in rows]
        await execute(
            tx, _SET, [row["id"] for row in rows], [name for name, _ in found], [spread for _, spread in found]
        )
    return len(rows)


async def forget(tx: Db, location: Location) -> None:
    """Has the numbers looked up again whose zone depends on that of their location, which has changed."""
    await execute(tx, _FORGET, location.account_id, location.id)
