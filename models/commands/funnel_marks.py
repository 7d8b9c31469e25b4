"""Updates the funnel as things happen: a mark per invitation, and counters per day of its first message.

A mark records how far one invitation got. The statement that changes a mark changes the counters of its day too.
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
    """What changed for an invitation; None leaves a field unchanged. `day`: the day of its first message in the account's
    time zone. `opened` and `clicked` are False if a machine turns out to have done so. A review may have no rating."""

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
    """Updates marks and counters, at most once per invitation; the accounts are locked. Call it late in a transaction,
    since it locks the agency's days, which all of its clients share."""
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
