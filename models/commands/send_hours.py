"""Moves queued messages after a change of send hours, or of the zone in which they count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

import asyncpg

from models.commands import import_progress, lanes
from models.commands.moves import pace_of, set_due
from models.connection import Db, fetch, statement
from models.rules.enums import Channel
from models.rules.lifecycle import OPEN
from models.rules.sequence import Queued, moved_into, stored_zone
from models.tables.location import Location


@dataclass(frozen=True, slots=True)
class Moved:
    """How many messages were queued, and how many of them were moved."""

    moved: int
    queued: int


async def move_queued(tx: Db, location: Location, now: datetime) -> Moved:
    """Moves queued messages outside the location's hours to their next opening. The account is locked."""
    moved = await _move(tx, location, await fetch(tx, statement("messages_queued"), location.id), now)
    await import_progress.note_last_due_of(tx, location.id)
    return moved


async def move_queued_of(tx: Db, location: Location, customers: Sequence[UUID], now: datetime) -> Moved:
    """Moves queued messages of customers of the location whose zone has changed. The account is locked."""
    if not customers:
        return Moved(0, 0)
    rows = await fetch(tx, statement("messages_queued_of"), list(customers), sorted(OPEN))
    return await _move(tx, location, rows, now)


async def reflag(tx: Db, location_id: UUID, now: datetime) -> None:
    """Applies a change of a location to its lanes, and moves messages that are released into the hours, or to their time of day.
    The account is locked."""
    if await lanes.reflag(tx, location_id, now):
        await move_queued(tx, await Location.get(id=location_id, using_db=tx), now)


async def _move(tx: Db, location: Location, rows: Sequence[asyncpg.Record], now: datetime) -> Moved:
    """Claimed messages are left out: they are checked when they are stamped."""
    times: list[datetime] = []
    for _, messages in groupby(rows, key=lambda row: row["invitation_id"]):
        times += _times(location, list(messages), now)
    changed = [(row, due) for row, due in zip(rows, times, strict=True) if due != row["due_at"]]
    await set_due(tx, [row["id"] for row, _ in changed], [due for _, due in changed])
    await lanes.wake(tx, [(row["lane_id"], due) for row, due in changed])  # a time of day can be earlier
    return Moved(len(changed), len(rows))


def _times(location: Location, messages: list[asyncpg.Record], now: datetime) -> list[datetime]:
    queued = [Queued(row["due_at"], pace_of(row)) for row in messages]
    windows = location.windows(stored_zone(messages[0]))
    return moved_into(now, queued, [windows[Channel(row["channel"])] for row in messages])
