"""Lanes: one per location and channel, and one more per import there. Created when first needed."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from models.connection import Db, execute, fetch, fetch_one, statement
from models.rules.enums import Channel


async def lane_for(
    tx: Db, location_id: UUID, channel: Channel, now: datetime, bulk_import_id: UUID | None = None
) -> UUID:
    """The lane's key. An e-mail lane of a location with an incomplete sender is flagged SENDER_INCOMPLETE."""
    row = await fetch_one(tx, statement("lane_for"), location_id, str(channel), bulk_import_id, now)
    if row is None:
        raise LookupError("there is no such location")
    key: UUID = row["id"]
    return key


_WAKE = """
update lane set next_due = least(lane.next_due, w.due)
from unnest($1::uuid[], $2::timestamptz[]) as w (id, due) where lane.id = w.id
"""


async def wake(tx: Db, due: Iterable[tuple[UUID, datetime]]) -> None:
    """Notifies lanes of messages that are due earlier than they know. Call it last in a transaction, as it locks the
    lanes."""
    earliest: dict[UUID, datetime] = {}
    for lane, at in due:
        earliest[lane] = min(at, earliest.get(lane, at))
    if earliest:
        keys = sorted(earliest)
        await execute(tx, _WAKE, keys, [earliest[key] for key in keys])


async def hold_back(tx: Db, keys: Iterable[UUID], now: datetime) -> None:
    """Pauses lanes whose sender the relay refuses: for a minute, then two, four and so on up to an hour."""
    if wanted := sorted(set(keys)):
        await execute(tx, statement("lanes_hold_back"), wanted, now)


_CLEAR_REFUSALS = "update lane set refusals = 0 where id = any($1::uuid[]) and refusals > 0"


async def clear_refusals(tx: Db, keys: Iterable[UUID]) -> None:
    """Resets the count of refusals of lanes whose sender the relay accepted."""
    if wanted := sorted(set(keys)):
        await execute(tx, _CLEAR_REFUSALS, wanted)


async def reflag(tx: Db, location_id: UUID, now: datetime) -> bool:
    """Applies a change of a location: releases what waited for a complete sender, delayed by the time it waited, or holds it
    from now on. Returns whether something was released, which then has to be moved into the hours."""
    released = await fetch(tx, statement("lanes_shift"), location_id, now)
    await execute(tx, statement("lanes_reflag"), location_id, now)
    return bool(released)
