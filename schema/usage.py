"""The summary cards."""

from datetime import date
from uuid import UUID

import strawberry

from models.reads.usage import UsageRow


@strawberry.type(
    description="An invitation counts once its first message is sent, in the billing period in which that happens."
)
class UsageSummary:
    account_id: strawberry.Private[UUID]
    total_invited: int | None = strawberry.field(description="From all locations.")
    allowance: int | None = strawberry.field(description="The plan's allowance and the boosts bought for this period.")
    reserved: int | None = strawberry.field(description="Taken, and still to be sent in this period.")
    remaining: int | None = strawberry.field(
        description="allowance - totalInvited - reserved: what can still be taken."
    )
    invited_this_cycle: int = strawberry.field(description="From the location asked for, or all that the viewer sees.")
    location_allowance: int | None = strawberry.field(
        description="The limit of that location, where one is set for it; null otherwise."
    )
    cycle_starts_on: date = strawberry.field(description="The period's first day, in the account's time zone.")
    resets_on: date = strawberry.field(description="The next period's first day.")
    buy_more_url: str | None = strawberry.field(description="Where a boost is bought.")

    @classmethod
    def of(cls, row: UsageRow, account_id: UUID, buy_more_url: str | None) -> "UsageSummary":
        return cls(
            account_id=account_id,
            total_invited=row.total_invited,
            allowance=row.allowance,
            reserved=row.reserved,
            remaining=row.remaining,
            invited_this_cycle=row.invited_this_cycle,
            location_allowance=row.location_allowance,
            cycle_starts_on=row.cycle.starts_on,
            resets_on=row.cycle.resets_on,
            buy_more_url=buy_more_url,
        )
