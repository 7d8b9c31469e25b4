"""What time does: sequences finish, reservations move into a new billing cycle, held invitations go on, old rows go."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from models import allowance, goals, moves
from models.activity import SYSTEM
from models.allowance import AccountTerms, Count
from models.connection import WORK, Db, execute, fetch, pool, transaction
from models.enums import SEQUENCE_FINISHED, ActivityKind, HoldReason, InvitationState
from models.lifecycle import GOING, OPEN, Move

BATCH = 1000


async def finish_sequences(tx: Db, now: datetime) -> int:
    """Completes what was sent to its last step and has waited for an answer long enough; how many."""
    due = await fetch(
        tx,
        "select id from invitation where state = 'ACTIVE' and answer_until <= $1 order by answer_until limit $2",
        now,
        BATCH,
    )
    rows = [row for row in (await moves.locked(tx, [row["id"] for row in due])).values() if row.state in OPEN]
    await goals.finish(tx, rows, SEQUENCE_FINISHED, now)
    return len(rows)


async def roll_reservations(now: datetime) -> None:
    """At a reset: what is unsent comes first in the new cycle, in the order of its due times; the excess is HELD."""
    # A cycle that began this long ago is over in every zone, and one that began later may be over in some.
    candidates = await fetch(
        pool(WORK),
        "select distinct account_id from invitation where reserved_cycle < $1",
        now.date() - timedelta(days=26),
    )
    for candidate in candidates:
        async with transaction(WORK) as tx:
            terms = await allowance.lock_one(tx, candidate["account_id"])
            await _roll(tx, terms, now)


_STALE = """
select i.id, i.location_id, i.reserved_cycle, (select min(m.due_at) from message m where m.invitation_id = i.id) as due_at
from invitation i where i.account_id = $1 and i.reserved_cycle < $2 order by due_at, i.id
"""


async def _roll(tx: Db, terms: AccountTerms, now: datetime) -> None:
    cycle = terms.cycle(now).starts_on
    stale = await fetch(tx, _STALE, terms.id, cycle)
    if not stale:
        return
    await _give_back(tx, terms.id, stale)
    account_left = await allowance.account_room(tx, terms, cycle, now)
    left = {
        place: await allowance.room(tx, terms, place, cycle, now) for place in {row["location_id"] for row in stale}
    }
    kept: set[UUID] = set()
    for row in stale:
        if len(kept) < account_left and left[row["location_id"]] > 0:
            left[row["location_id"]] -= 1
            kept.add(row["id"])
    await _reserve(tx, terms.id, [row for row in stale if row["id"] in kept], cycle)
    await _hold(tx, [row["id"] for row in stale if row["id"] not in kept], now)


async def _give_back(tx: Db, account_id: UUID, rows: list[asyncpg.Record]) -> None:
    await allowance.give_back(tx, _counts(account_id, [(row["location_id"], row["reserved_cycle"]) for row in rows]))
    await execute(
        tx, "update invitation set reserved_cycle = null where id = any($1::uuid[])", [row["id"] for row in rows]
    )


async def _reserve(tx: Db, account_id: UUID, rows: list[asyncpg.Record], cycle: date) -> None:
    await allowance.reserve(tx, _counts(account_id, [(row["location_id"], cycle) for row in rows]))
    await execute(
        tx, "update invitation set reserved_cycle = $2 where id = any($1::uuid[])", [row["id"] for row in rows], cycle
    )


def _counts(account_id: UUID, places: list[tuple[UUID, date]]) -> list[Count]:
    numbers: dict[tuple[UUID, date], int] = defaultdict(int)
    for place in places:
        numbers[place] += 1
    return [Count(account_id, location, cycle, number) for (location, cycle), number in numbers.items()]


async def _hold(tx: Db, ids: list[UUID], now: datetime) -> None:
    rows = [row for row in (await moves.locked(tx, ids)).values() if row.state in GOING]
    await moves.pause_messages(tx, rows, now)
    await moves.move(tx, rows, Move.HOLD, HoldReason.ALLOWANCE, now)
    await moves.tell(tx, rows, ActivityKind.HELD, SYSTEM, now, HoldReason.ALLOWANCE)


async def release_held(now: datetime) -> int:
    """What waits for allowance goes on as far as there is some, the longest held first; how many."""
    candidates = await fetch(
        pool(WORK),
        "select distinct account_id from invitation where state = 'HELD' and state_reason = $1",
        str(HoldReason.ALLOWANCE),
    )
    released = 0
    for candidate in candidates:
        async with transaction(WORK) as tx:
            released += await _release(tx, candidate["account_id"], now)
    return released


async def _release(tx: Db, account_id: UUID, now: datetime) -> int:
    await allowance.lock_one(tx, account_id)
    held = await fetch(
        tx,
        "select id from invitation where account_id = $1 and state = 'HELD' and state_reason = $2 "
        "order by state_changed_at, id limit $3",
        account_id,
        str(HoldReason.ALLOWANCE),
        BATCH,
    )
    rows = await moves.locked(tx, [row["id"] for row in held])
    released = 0
    for row in (rows[one["id"]] for one in held):
        if row.state is not InvitationState.HELD:
            continue
        cycle = row.terms.cycle(await moves.first_due(tx, row, now)).starts_on
        if not await moves.reserve_again(tx, row, cycle, now):
            continue
        await moves.move(tx, [row], Move.RELEASE, None, now)
        await moves.tell(tx, [row], ActivityKind.RELEASED, SYSTEM, now)
        await moves.resume_messages(tx, row, now)
        released += 1
    return released
