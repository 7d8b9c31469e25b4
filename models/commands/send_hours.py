"""Moves queued messages after a change of send hours."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

import asyncpg

from models.connection import Db, execute, fetch, statement
from models.rules.enums import Channel
from models.rules.sequence import Queued, moved_into
from models.tables.location import Location


@dataclass(frozen=True, slots=True)
class Moved:
    """How many messages were queued, and how many of them were moved."""

    moved: int
    queued: int


_PLACE = """
update message m set due_at = t.due_at from unnest($1::uuid[], $2::timestamptz[]) as t (id, due_at) where m.id = t.id
"""


async def move_queued(tx: Db, location: Location, now: datetime) -> Moved:
    """Moves queued messages outside the location's hours to their next opening. The account is locked.

    Claimed messages are checked when they are stamped. Messages only become due later, so no lane needs waking.
    """
    rows = await fetch(tx, statement("messages_queued"), location.id)
    times: list[datetime] = []
    for _, messages in groupby(rows, key=lambda row: row["invitation_id"]):
        times += _times(location, list(messages), now)
    changed = [(row["id"], due) for row, due in zip(rows, times, strict=True) if due != row["due_at"]]
    await _place(tx, changed)
    return Moved(len(changed), len(rows))


def _times(location: Location, messages: list[asyncpg.Record], now: datetime) -> list[datetime]:
    queued = [Queued(row["due_at"], timedelta(seconds=row["after_seconds"])) for row in messages]
    return moved_into(now, queued, [location.windows[Channel(row["channel"])] for row in messages])


async def _place(tx: Db, changed: list[tuple[UUID, datetime]]) -> None:
    await execute(tx, _PLACE, [key for key, _ in changed], [due for _, due in changed])
