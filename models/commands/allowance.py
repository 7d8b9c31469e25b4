"""The allowance and its counters: reserved when an invitation is created, charged when its first message is sent.

Every change of a counter or of an invitation's state is made under the account's lock, so that the sum never exceeds
the allowance.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg
import orjson

from models.connection import Db, execute, fetch, fetch_one, statement
from models.rules.cycle import Cycle, cycle_at
from models.rules.enums import AccountKind, PlanTier
from models.rules.plan import PlanFacts, facts_of


@dataclass(frozen=True, slots=True)
class AccountTerms:
    """The data of an account that determines what it may send."""

    id: UUID
    kind: AccountKind
    plan: PlanTier
    facts: PlanFacts
    time_zone: str
    anchor_day: int
    country: str

    def cycle(self, moment: datetime) -> Cycle:
        return cycle_at(moment, self.time_zone, self.anchor_day)


_LOCK = """
select id, kind, plan, overrides::text as overrides, time_zone, anchor_day, country from account
where id = any($1::uuid[]) order by id for no key update
"""


async def lock(tx: Db, accounts: Iterable[UUID]) -> dict[UUID, AccountTerms]:
    """Locks the accounts until the transaction ends, always in the same order."""
    rows = await fetch(tx, _LOCK, sorted(set(accounts)))
    return {row["id"]: _terms(row) for row in rows}


async def lock_of(tx: Db, table: str, keys: Sequence[UUID]) -> dict[UUID, AccountTerms]:
    """Locks the accounts that these rows of a table belong to."""
    owners = f"array(select account_id from {table} where id = any($1::uuid[]))"
    rows = await fetch(tx, _LOCK.replace("$1::uuid[]", owners), keys)
    return {row["id"]: _terms(row) for row in rows}


async def lock_one(tx: Db, account_id: UUID) -> AccountTerms:
    return (await lock(tx, [account_id]))[account_id]


def _terms(row: asyncpg.Record) -> AccountTerms:
    plan, overrides = PlanTier(row["plan"]), orjson.loads(row["overrides"])
    return AccountTerms(
        id=row["id"],
        kind=AccountKind(row["kind"]),
        plan=plan,
        facts=facts_of(plan, overrides),
        time_zone=row["time_zone"],
        anchor_day=row["anchor_day"],
        country=row["country"],
    )


async def room(tx: Db, terms: AccountTerms, location_id: UUID, cycle: date, now: datetime) -> int:
    """How many more invitations this location can create in this cycle. The account is locked.

    Reservations not yet moved from a past cycle count in the current one.
    """
    row = await fetch_one(tx, statement("allowance_room"), terms.id, location_id, cycle, terms.cycle(now).starts_on)
    assert row is not None
    left = terms.facts.invitations + int(row["boosted"]) - int(row["taken"])
    if row["location_allowance"] is not None:
        left = min(left, int(row["location_allowance"]) - int(row["location_taken"]))
    return max(left, 0)


async def account_room(tx: Db, terms: AccountTerms, cycle: date, now: datetime) -> int:
    """How many more invitations the whole account can create in this cycle."""
    row = await fetch_one(tx, statement("allowance_room"), terms.id, None, cycle, terms.cycle(now).starts_on)
    assert row is not None
    return max(terms.facts.invitations + int(row["boosted"]) - int(row["taken"]), 0)


@dataclass(frozen=True, slots=True)
class CycleCount:
    """A number of invitations of one location in one cycle."""

    account_id: UUID
    location_id: UUID
    cycle: date
    invitations: int = 1


async def reserve(tx: Db, counts: Sequence[CycleCount]) -> None:
    """Reserves allowance; the caller has checked that there is enough."""
    await _move(tx, [_Moved(count, reserved=1) for count in counts])


async def release(tx: Db, counts: Sequence[CycleCount]) -> None:
    await _move(tx, [_Moved(count, reserved=-1) for count in counts])


async def charge(tx: Db, counts: Sequence[CycleCount], reserved: Sequence[CycleCount]) -> None:
    """Counts invitations as sent in these cycles, and releases their reservations."""
    released = [_Moved(count, reserved=-1) for count in reserved]
    await _move(tx, [*released, *(_Moved(count, invited=1) for count in counts)])


@dataclass(frozen=True, slots=True)
class _Moved:
    """The sign with which a number is added to what was sent and to what is reserved."""

    count: CycleCount
    invited: int = 0
    reserved: int = 0


async def _move(tx: Db, moved: Sequence[_Moved]) -> None:
    if not moved:
        return
    columns = (
        [one.count.account_id for one in moved],
        [one.count.location_id for one in moved],
        [one.count.cycle for one in moved],
        [one.count.invitations * one.invited for one in moved],
        [one.count.invitations * one.reserved for one in moved],
    )
    await execute(tx, statement("allowance_move"), *columns)
