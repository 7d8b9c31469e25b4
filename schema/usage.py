"""The usage cards."""

from datetime import date
from uuid import UUID

import strawberry

from models.reads.usage import UsageRow


@strawberry.type(
    description="The account's usage in a billing cycle: the current one, or in an import's forecast also a later one. "
    "An invitation counts when its first message is sent."
)
class UsageSummary:
    account_id: strawberry.Private[UUID]
    total_invited: int | None = strawberry.field(description="Invitations sent by all locations in this cycle.")
    allowance: int | None = strawberry.field(description="The plan's allowance plus the boosts bought for this cycle.")
    reserved: int | None = strawberry.field(description="Invitations that are scheduled but not sent yet.")
    remaining: int | None = strawberry.field(
        description="allowance - totalInvited - reserved: how many more can be invited in this cycle."
    )
    invited_this_cycle: int = strawberry.field(
        description="Invitations sent in this cycle by the requested location, or by all that the viewer can see."
    )
    location_allowance: int | None = strawberry.field(
        description="The requested location's own limit per cycle; null if it has none."
    )
    cycle_starts_on: date = strawberry.field(description="The first day of the cycle, in the account's time zone.")
    resets_on: date = strawberry.field(description="The first day of the next cycle.")
    buy_more_url: str | None = strawberry.field(description="Where to buy more invitations.")

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
