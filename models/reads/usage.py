"""The summary cards: what of the allowance is used, by the account and by the locations that a viewer sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from models.connection import statement
from models.reads.operation import Reads
from models.rules.cycle import Cycle, cycle_at


@dataclass(frozen=True, slots=True)
class UsageRow:
    """`allowance`: the plan's and the boosts of this cycle. Counters are of the cycle that this moment lies in."""

    cycle: Cycle
    total_invited: int
    allowance: int
    reserved: int
    invited_this_cycle: int
    location_allowance: int | None

    @property
    def remaining(self) -> int:
        return max(self.allowance - self.total_invited - self.reserved, 0)


@dataclass(frozen=True, slots=True)
class Terms:
    """What of an account its cards are reckoned by."""

    account_id: UUID
    invitations: int
    time_zone: str
    anchor_day: int


async def usages(
    reads: Reads,
    accounts: Sequence[Terms],
    now: datetime,
    *,
    locations: Sequence[UUID] | None = None,
    location_id: UUID | None = None,
) -> dict[UUID, UsageRow]:
    """By account; one statement. `locations`: those counted in invited_this_cycle, None for all; `location_id`: the one
    asked for, if one was."""
    of = {one.account_id: (one, cycle_at(now, one.time_zone, one.anchor_day)) for one in accounts}
    rows = await reads.rows(
        statement("usage"),
        list(of),
        [cycle.starts_on for _, cycle in of.values()],
        None if locations is None else list(locations),
        location_id,
    )
    return {row["account_id"]: _usage(row, *of[row["account_id"]]) for row in rows}


def _usage(row: asyncpg.Record, terms: Terms, cycle: Cycle) -> UsageRow:
    return UsageRow(
        cycle=cycle,
        total_invited=row["invited"],
        allowance=terms.invitations + row["boosted"],
        reserved=row["reserved"],
        invited_this_cycle=row["invited_here"],
        location_allowance=row["location_allowance"],
    )
