"""The summary cards: what of the allowance is used, by the account and by the locations that a viewer sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.connection import statement
from models.cycle import Cycle, cycle_at
from models.reads import Reads


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


async def usage(
    reads: Reads,
    account_id: UUID,
    *,
    plan_invitations: int,
    time_zone: str,
    anchor_day: int,
    locations: Sequence[UUID] | None,
    location_id: UUID | None,
    now: datetime,
) -> UsageRow:
    """`locations`: those counted in invited_this_cycle, None for all; `location_id`: the one asked for, if one was."""
    cycle = cycle_at(now, time_zone, anchor_day)
    wanted = None if locations is None else list(locations)
    row = await reads.row(statement("usage"), account_id, cycle.starts_on, wanted, location_id)
    assert row is not None
    return UsageRow(
        cycle=cycle,
        total_invited=row["invited"],
        allowance=plan_invitations + row["boosted"],
        reserved=row["reserved"],
        invited_this_cycle=row["invited_here"],
        location_allowance=row["location_allowance"],
    )
