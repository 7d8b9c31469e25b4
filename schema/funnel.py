"""The invitation funnel."""

import strawberry

from models.reads.funnel import FunnelRow


@strawberry.type(
    description="Invitations whose first message was sent from since to until (days in the account's time zone, "
    "inclusive), and how "
    "many of them have reached each stage so far. Each invitation counts once per stage, and in the stages before: one with "
    "a score, a chosen platform or a review counts as opened and clicked. Opens and clicks by LIKELY_MACHINE do not count."
)
class InvitationFunnel:
    invited: int = strawberry.field(description="Invitations whose first message was sent.")
    delivered: int = strawberry.field(description="Invitations that were sent and did not bounce.")
    opened: int = strawberry.field(
        description="Invitations that were opened, as far as mail clients report it, or clicked."
    )
    clicked: int = strawberry.field(description="Invitations whose link was opened, or that got further.")
    platform_chosen: int = strawberry.field(description="Invitations with a chosen review platform.")
    nps_submitted: int = strawberry.field(description="Invitations with a score.")
    reviewed: int = strawberry.field(description="Invitations with a linked review.")
    nps_average: float | None = strawberry.field(
        description="The average of the latest scores, 0 to 10; null if there are none."
    )
    nps_net: int | None = strawberry.field(
        description="Net Promoter Score: the percentage of scores of 9 and 10, less that of 0 to 6, to the nearest whole "
        "number, halves up (12.5 is 13, -12.5 is -12); null without any."
    )
    rating_average: float | None = strawberry.field(
        description="The average rating of the latest reviews in stars; null if there are none."
    )

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
