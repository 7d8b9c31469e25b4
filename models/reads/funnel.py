"""The funnel: the stages that invitations reached, by the day of their first message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from models.connection import statement
from models.reads.operation import Reads
from models.rules.nps import net_promoter_score
from models.rules.scope import Scope, scope_columns


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """The number of invitations that reached each stage; scores of 9 and 10 are promoters, 0 to 6 detractors."""

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
        return net_promoter_score(self.promoters, self.detractors, self.nps_submitted)

    @property
    def rating_average(self) -> float | None:
        return self.rating_sum / self.rated if self.rated else None


COUNTED = tuple(FunnelRow.__dataclass_fields__)


def funnel_of(row: asyncpg.Record) -> FunnelRow:
    """The funnel in a record's columns; a sum over no rows is null."""
    counts = {name: row[name] or 0 for name in COUNTED}
    return FunnelRow(**counts | {"rating_sum": float(counts["rating_sum"])})


@dataclass(frozen=True, slots=True)
class Days:
    """A range of days, both ends included, in each account's time zone; None means unbounded."""

    since: date | None = None
    until: date | None = None


async def funnels(reads: Reads, scopes: Sequence[Scope], days: Days) -> dict[UUID, FunnelRow]:
    """The funnels by account, one scope each, in one statement."""
    rows = await reads.rows(statement("funnel"), *scope_columns(scopes), days.since, days.until)
    found = {row["account_id"]: funnel_of(row) for row in rows}
    return {scope.account_id: found.get(scope.account_id, FunnelRow()) for scope in scopes}
