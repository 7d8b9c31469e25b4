"""Counts bounces and complaints by location and day, and holds the e-mail of a location that has too many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from models.commands import lanes
from models.commands.allowance import AccountTerms
from models.commands.funnel_marks import day_of
from models.connection import Db, execute, fetch, statement
from models.rules import breaker
from models.rules.breaker import Sent


@dataclass(frozen=True, slots=True)
class Trouble:
    """Messages of a location that bounced or were reported as spam."""

    terms: AccountTerms
    location_id: UUID
    at: datetime
    bounced: int = 0
    complained: int = 0


async def count(tx: Db, troubles: Sequence[Trouble]) -> None:
    """Counts, and holds the locations that have too many. Their accounts are locked. Call it last in a transaction, as it
    locks lanes."""
    for one in sorted(troubles, key=lambda trouble: trouble.location_id):
        if reason := breaker.verdict(await _counted(tx, one)):
            await execute(tx, _HOLD, one.location_id, str(reason))
            await lanes.reflag(tx, one.location_id, one.at)


_HOLD = "update location set held_by = $2 where id = $1 and held_by is null"


async def _counted(tx: Db, one: Trouble) -> Sent:
    today = day_of(one.at, one.terms.time_zone)
    place = (one.terms.id, one.location_id, today, today - breaker.OVER)
    (row,) = await fetch(tx, statement("bounces_count"), *place, one.bounced, one.complained)
    return Sent(row["sent"], row["bounced"], row["complained"])


async def reset(tx: Db, location_id: UUID, today: date) -> None:
    """Lets a location send again; what happened until today counts no more."""
    await execute(tx, "update location set held_by = null, counted_from = $2 where id = $1", location_id, today)
