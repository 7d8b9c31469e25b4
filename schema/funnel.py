"""How far invitations have come."""

import strawberry

from models.reads.funnel import FunnelRow


@strawberry.type(
    description="The invitations whose first message was sent from since to until (days in the account's zone, both "
    "included), and how many of these have reached each stage by now, each counted once. LIKELY_MACHINE opens and clicks "
    "are left out."
)
class InvitationFunnel:
    invited: int = strawberry.field(description="First messages sent.")
    delivered: int = strawberry.field(description="Sent and not bounced.")
    opened: int = strawberry.field(description="Opened, as far as mail clients tell.")
    clicked: int = strawberry.field(description="Came to the page.")
    platform_chosen: int = strawberry.field(description="Chose a platform there.")
    nps_submitted: int = strawberry.field(description="Gave a score.")
    reviewed: int = strawberry.field(description="Left a review that was matched to the invitation.")
    nps_average: float | None = strawberry.field(description="Of the latest scores, 0 to 10; null without any.")
    nps_net: int | None = strawberry.field(
        description="Net Promoter Score: the percentage of scores of 9 and 10, less that of 0 to 6, to the nearest whole "
        "number, halves up (12.5 is 13, -12.5 is -12); null without any."
    )
    rating_average: float | None = strawberry.field(description="Of the latest reviews' stars; null without any.")

    @classmethod
    def of(cls, row: FunnelRow) -> "InvitationFunnel":
        return cls(
            invited=row.invited,
            delivered=row.delivered,
            opened=row.opened,
            clicked=row.clicked,
            platform_chosen=row.platform_chosen,
            nps_submitted=row.nps_submitted,
            reviewed=row.reviewed,
            nps_average=row.nps_average,
            nps_net=row.nps_net,
            rating_average=row.rating_average,
        )
