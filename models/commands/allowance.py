"""The allowance and its counters: reserved when an invitation is taken, charged when its first message is sent.

Whoever moves a counter or changes an invitation's state holds the account's lock first, so that the sum never passes
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
    """What of an account decides over invitations."""

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
    """The accounts' locks, in one order for everybody, until the transaction ends."""
    rows = await fetch(tx, _LOCK, sorted(set(accounts)))
    return {row["id"]: _terms(row) for row in rows}


_LOCK_OF = _LOCK.replace("$1::uuid[]", "array(select account_id from invitation where id = any($1::uuid[]))")


async def lock_of(tx: Db, invitations: Sequence[UUID]) -> dict[UUID, AccountTerms]:
    """Those of the accounts that these invitations belong to."""
    rows = await fetch(tx, _LOCK_OF, invitations)
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
    """How many invitations can still be taken at this location for this cycle; the account is locked.

    What was reserved in a cycle that is over, and has not been moved on yet, comes first in the present one.
    """
    row = await fetch_one(tx, statement("allowance_room"), terms.id, location_id, cycle, terms.cycle(now).starts_on)
    assert row is not None
    left = terms.facts.invitations + int(row["boosted"]) - int(row["taken"])
    if row["location_allowance"] is not None:
        left = min(left, int(row["location_allowance"]) - int(row["location_taken"]))
    return max(left, 0)


async def account_room(tx: Db, terms: AccountTerms, cycle: date, now: datetime) -> int:
    """How many can still be taken by the account as a whole."""
    row = await fetch_one(tx, statement("allowance_room"), terms.id, None, cycle, terms.cycle(now).starts_on)
    assert row is not None
    return max(terms.facts.invitations + int(row["boosted"]) - int(row["taken"]), 0)


@dataclass(frozen=True, slots=True)
class CycleCount:
    """A number of invitations of a location in a cycle."""

    account_id: UUID
    location_id: UUID
    cycle: date
    invitations: int = 1


async def reserve(tx: Db, counts: Sequence[CycleCount]) -> None:
    """Takes from the room; the caller has seen that there is some."""
    await _move(tx, counts, invited=0, reserved=1)


async def give_back(tx: Db, counts: Sequence[CycleCount]) -> None:
    await _move(tx, counts, invited=0, reserved=-1)


async def charge(tx: Db, counts: Sequence[CycleCount]) -> None:
    """Counts as invited, in the cycle of the sending; what was reserved for it is given back apart."""
    await _move(tx, counts, invited=1, reserved=0)


async def _move(tx: Db, counts: Sequence[CycleCount], *, invited: int, reserved: int) -> None:
    if not counts:
        return
    columns = (
        [count.account_id for count in counts],
        [count.location_id for count in counts],
        [count.cycle for count in counts],
        [count.invitations * invited for count in counts],
        [count.invitations * reserved for count in counts],
    )
    await execute(tx, statement("allowance_move_account"), *columns)
    await execute(tx, statement("allowance_move_location"), *columns)
