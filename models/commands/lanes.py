"""Lanes: one per location and channel, and one more per import there. Created when first needed."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from models.connection import Db, execute, fetch, fetch_one, statement
from models.rules.enums import Channel


async def lane_for(
    tx: Db, location_id: UUID, channel: Channel, now: datetime, bulk_import_id: UUID | None = None
) -> UUID:
    """The lane's key. An e-mail lane of a location that must not send now is flagged with the reason."""
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


async def hold_back(tx: Db, replies: Mapping[UUID, str | None], now: datetime) -> None:
    """Pauses lanes whose sender the relay refuses, with its replies: for a minute, then two, four and so on up to an hour."""
    if wanted := sorted(replies):
        await execute(tx, statement("lanes_hold_back"), wanted, [replies[key] for key in wanted], now)


_CLEAR_REFUSALS = """
update lane set refusals = 0, quiet_since = null, reply = null where id = any($1::uuid[]) and refusals > 0
"""


async def clear_refusals(tx: Db, keys: Iterable[UUID]) -> None:
    """Resets the count of refusals of lanes whose sender the relay accepted."""
    if wanted := sorted(set(keys)):
        await execute(tx, _CLEAR_REFUSALS, wanted)


QUIET_AFTER = timedelta(minutes=10)
_QUIET = """
update lane set quiet_since = next_due, reply = $2
where flag is null and quiet_since is null and next_due <= $1::timestamptz - $3::interval
"""


async def mark_quiet(db: Db, reply: str, now: datetime) -> None:
    """Shows lanes that have not been served for a while as TRANSPORT_QUIET, with the relay's words, until they are served. Call
    it while the relay is down."""
    await execute(db, _QUIET, now, reply, QUIET_AFTER)


_NOT_QUIET = """
update lane set quiet_since = null, reply = null
where quiet_since is not null and (next_due is null or next_due > $1::timestamptz)
  and tokens + rate * extract(epoch from $1::timestamptz - refilled_at) >= 0
"""


async def forget_quiet(db: Db, now: datetime) -> None:
    """Shows lanes as held no longer whose pause is over and that have nothing due."""
    await execute(db, _NOT_QUIET, now)


_TRY_AGAIN = """
update lane set refusals = 0, quiet_since = null, reply = null, tokens = greatest(tokens, 1), next_due = $2::timestamptz
where location_id = $1 and flag is null and quiet_since is not null
"""


async def try_again(tx: Db, location_id: UUID, now: datetime) -> None:
    """Ends the pauses of a location's lanes that wait for the relay."""
    await execute(tx, _TRY_AGAIN, location_id, now)


async def reflag(tx: Db, location_id: UUID, now: datetime) -> bool:
    """Applies a change of a location: releases lanes that it no longer holds, their messages delayed by the time they waited, and
    holds others from now on. Returns whether something was released, which `send_hours.reflag` moves into the hours."""
    released = await fetch(tx, statement("lanes_shift"), location_id, now)
    await execute(tx, statement("lanes_reflag"), location_id, now)
    return bool(released)
