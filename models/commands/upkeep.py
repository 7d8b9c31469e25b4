"""Periodic work: ends stalled COPYs, finishes sequences, moves reservations to the new billing cycle, releases held invitations."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from models.commands import allowance, goals, moves
from models.commands.activity import SYSTEM
from models.commands.allowance import AccountTerms, CycleCount
from models.commands.release import release
from models.connection import WORK, Db, fetch, pool, transaction
from models.rules.enums import SEQUENCE_FINISHED, HoldReason, InvitationState
from models.rules.lifecycle import GOING, OPEN
from models.tables.invitation import Invitation

BATCH = 1000

_END_STALLED = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and usename = session_user and state = 'active' and wait_event = 'ClientRead'
  and query like 'COPY "%' and query_start < clock_timestamp() - make_interval(secs => $1)
"""


async def end_stalled_copies(seconds: float = 30.0) -> int:
    """Ends sessions whose client began a COPY this long ago and does not go on with it, such as a suspended worker: PostgreSQL has
    no time limit for that, and they hold locks. Returns how many. asyncpg quotes the table's name, pg_restore does not."""
    return len(await fetch(pool(WORK), _END_STALLED, seconds))


async def finish_sequences(tx: Db, now: datetime) -> int:
    """Completes invitations with nothing left to send whose answer window is over. Returns how many. Those not ACTIVE have
    a message in state UNKNOWN."""
    due = await fetch(
        tx,
        "select id from invitation where state in ('QUEUED', 'ACTIVE', 'HELD') and answer_until <= $1 "
        "order by answer_until limit $2",
        now,
        BATCH,
    )
    found = (await moves.locked(tx, [row["id"] for row in due])).values()
    rows = [row for row in found if row.state in OPEN and row.state is not InvitationState.STOPPED]
    await goals.finish(tx, rows, SEQUENCE_FINISHED, now)
    return len(rows)


async def roll_reservations(now: datetime) -> None:
    """Moves reservations to the new cycle after a reset, by due time; invitations beyond the allowance are HELD."""
    # Candidates only: a cycle that began less than 26 days ago is over in no time zone.
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
select i.id, i.location_id, i.reserved_cycle, i.state = any($3::text[]) as going,
  (select min(m.due_at) from message m where m.invitation_id = i.id) as due_at
from invitation i where i.account_id = $1 and i.reserved_cycle < $2 order by due_at, i.id
"""


async def _roll(tx: Db, terms: AccountTerms, now: datetime) -> None:
    cycle = terms.cycle(now).starts_on
    stale = await fetch(tx, _STALE, terms.id, cycle, sorted(GOING))
    if not stale:
        return
    await _release_reservations(tx, terms.id, stale)
    going = [row for row in stale if row["going"]]
    kept = await _fitting(tx, terms, [(row["id"], row["location_id"]) for row in going], cycle, now)
    await _reserve(tx, terms.id, kept, cycle)
    await _hold(tx, [row["id"] for row in going if row["id"] not in dict(kept)], now)


_Claim = tuple[UUID, UUID]
"""An invitation that needs a reservation, and its location."""


async def _fitting(tx: Db, terms: AccountTerms, wanted: list[_Claim], cycle: date, now: datetime) -> list[_Claim]:
    """The first ones that fit into the allowances of the account and of their location."""
    account_left = await allowance.account_room(tx, terms, cycle, now)
    left = {place: await allowance.room(tx, terms, place, cycle, now) for place in {place for _, place in wanted}}
    kept: list[_Claim] = []
    for key, place in wanted:
        if len(kept) < account_left and left[place] > 0:
            left[place] -= 1
            kept.append((key, place))
    return kept


async def _release_reservations(tx: Db, account_id: UUID, rows: list[asyncpg.Record]) -> None:
    await allowance.release(tx, _counts(account_id, [(row["location_id"], row["reserved_cycle"]) for row in rows]))
    await Invitation.filter(id__in=[row["id"] for row in rows]).using_db(tx).update(reserved_cycle=None)


async def _reserve(tx: Db, account_id: UUID, wanted: list[_Claim], cycle: date) -> None:
    await allowance.reserve(tx, _counts(account_id, [(place, cycle) for _, place in wanted]))
    await Invitation.filter(id__in=[key for key, _ in wanted]).using_db(tx).update(reserved_cycle=cycle)


def _counts(account_id: UUID, places: list[tuple[UUID, date]]) -> list[CycleCount]:
    numbers: dict[tuple[UUID, date], int] = defaultdict(int)
    for place in places:
        numbers[place] += 1
    return [CycleCount(account_id, location, cycle, number) for (location, cycle), number in numbers.items()]


async def _hold(tx: Db, ids: list[UUID], now: datetime) -> None:
    rows = [row for row in (await moves.locked(tx, ids)).values() if row.state in GOING]
    await moves.hold(tx, rows, HoldReason.ALLOWANCE, now)


async def release_held(now: datetime) -> int:
    """Releases invitations held for lack of allowance as far as it lasts, longest held first. Returns how many."""
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


_HELD_AT = "select distinct location_id from invitation where account_id = $1 and state = 'HELD' and state_reason = $2"
_LONGEST_HELD = """
select h.id from unnest($3::uuid[], $4::int[]) as p (location_id, room) cross join lateral (
  select id, state_changed_at from invitation
  where account_id = $1 and state = 'HELD' and state_reason = $2 and location_id = p.location_id
  order by state_changed_at, id limit p.room
) h order by h.state_changed_at, h.id limit $5
"""


async def _release(tx: Db, account_id: UUID, now: datetime) -> int:
    """Selects by location, so that one without allowance does not block others."""
    terms, reason = await allowance.lock_one(tx, account_id), str(HoldReason.ALLOWANCE)
    cycle = terms.cycle(now).starts_on
    account_left = await allowance.account_room(tx, terms, cycle, now)
    if not account_left:
        return 0
    places = [row["location_id"] for row in await fetch(tx, _HELD_AT, account_id, reason)]
    left = [await allowance.room(tx, terms, place, cycle, now) for place in places]
    held = await fetch(tx, _LONGEST_HELD, account_id, reason, places, left, min(account_left, BATCH))
    rows = await _reserved(tx, terms, list((await moves.locked(tx, [row["id"] for row in held])).values()), now)
    await release(tx, rows, SYSTEM, now)
    return len(rows)


async def _reserved(tx: Db, terms: AccountTerms, rows: list[moves.Locked], now: datetime) -> list[moves.Locked]:
    """Reserves allowance in the cycle in which each will be sent, which outside send hours may be the next one. Returns
    those that were sent before or got a reservation."""
    due = await moves.first_due(tx, rows, now)
    by_cycle: dict[date, list[_Claim]] = defaultdict(list)
    for row in rows:
        if not row.sent:
            by_cycle[terms.cycle(due[row.id]).starts_on].append((row.id, row.location_id))
    cycles: dict[UUID, date] = {}
    for cycle, wanted in by_cycle.items():
        kept = await _fitting(tx, terms, wanted, cycle, now)
        await _reserve(tx, terms.id, kept, cycle)
        cycles |= dict.fromkeys((key for key, _ in kept), cycle)
    for row in rows:
        row.reserved_cycle = cycles.get(row.id)
    return [row for row in rows if row.sent or row.reserved_cycle is not None]
