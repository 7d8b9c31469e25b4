"""The funnel: how far invitations have come, by the day on which each was first sent; counted as it happens.

A mark says how far one invitation has come; whatever changes a mark changes its day's counters in the same statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from models.connection import Db, execute, statement


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
