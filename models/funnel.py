"""The funnel: how far invitations have come, by the day on which each was first sent; counted as it happens.

A mark says how far one invitation has come; whatever changes a mark changes its day's counters in the same statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from models.connection import Db, execute, statement
from models.reads import Reads


@dataclass(frozen=True, slots=True)
class Reached:
    """What is new of an invitation; None: as before. `day`: its first message was sent, on this day in the account's
    zone. A review may have no rating."""

    invitation_id: UUID
    day: date | None = None
    opened: bool | None = None
    clicked: bool | None = None
    platform_chosen: bool | None = None
    nps_score: int | None = None
    reviewed: bool | None = None
    rating: float | None = None


def day_of(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


async def reach(tx: Db, news: Sequence[Reached]) -> None:
    """Each invitation once at most; their accounts are locked. Late in a transaction: clients of one agency meet in
    its days."""
    if news:
        await execute(
            tx,
            statement("funnel_reach"),
            [one.invitation_id for one in news],
            [one.day for one in news],
            [one.opened for one in news],
            [one.clicked for one in news],
            [one.platform_chosen for one in news],
            [one.nps_score for one in news],
            [one.reviewed for one in news],
            [None if one.rating is None else Decimal(str(one.rating)) for one in news],
        )


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """Invitations that have reached each stage, each counted once; scores 9 and 10 are promoters, 0 to 6 detractors."""

    invited: int = 0
    delivered: int = 0
    opened: int = 0
    clicked: int = 0
    platform_chosen: int = 0
    nps_submitted: int = 0
    nps_sum: int = 0
    promoters: int = 0
    detractors: int = 0
    reviewed: int = 0
    rated: int = 0
    rating_sum: float = 0.0

    @property
    def nps_average(self) -> float | None:
        return self.nps_sum / self.nps_submitted if self.nps_submitted else None

    @property
    def nps_net(self) -> int | None:
        """Net Promoter Score: the percentage of promoters less that of detractors, -100 to 100, to the nearest."""
        return round(100 * (self.promoters - self.detractors) / self.nps_submitted) if self.nps_submitted else None

    @property
    def rating_average(self) -> float | None:
        return self.rating_sum / self.rated if self.rated else None


COUNTED = tuple(FunnelRow.__dataclass_fields__)


def funnel_of(row: asyncpg.Record) -> FunnelRow:
    """Of a record with these columns; sums of nothing are null."""
    counts = {name: row[name] or 0 for name in COUNTED}
    return FunnelRow(**counts | {"rating_sum": float(counts["rating_sum"])})


@dataclass(frozen=True, slots=True)
class Days:
    """From one day to another, both included, in each account's own zone; None: without a bound."""

    since: date | None = None
    until: date | None = None


async def funnels(
    reads: Reads, accounts: Sequence[UUID], days: Days, locations: Sequence[UUID] | None = None
) -> dict[UUID, FunnelRow]:
    """By account, of these locations or of all; one statement."""
    wanted = None if locations is None else list(locations)
    rows = await reads.rows(statement("funnel"), list(accounts), wanted, days.since, days.until)
    found = {row["account_id"]: funnel_of(row) for row in rows}
    return {key: found.get(key, FunnelRow()) for key in accounts}
