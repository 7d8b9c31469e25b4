"""What happened: events, and the timeline by days."""

import datetime as dt
from datetime import datetime

import strawberry

from models.reads.timeline import EventRow
from models.rules import ids
from models.rules.enums import ActivityKind, ActorKind, Channel
from schema.location import ReviewPlatform
from schema.node import Node, shows


@strawberry.type(description="What happened; never changed afterwards.")
class ActivityEvent(Node):
    kind: ActivityKind = strawberry.field(description="What.")
    occurred_at: datetime = strawberry.field(description="When.")
    channel: Channel | None = strawberry.field(description="On which channel, where there is one.")
    platform: ReviewPlatform | None = strawberry.field(description="Which platform, where there is one.")
    nps_score: int | None = strawberry.field(description="The score given, 0 to 10.")
    feedback: str | None = strawberry.field(description="What the person wrote with a score, for the business alone.")
    actor: str | None = strawberry.field(description="Who did it, for what a member of the account did.")
    actor_kind: ActorKind = strawberry.field(
        description="Whether a human, a machine, a member or the system did it. Only HUMAN acts stop a sequence."
    )

    @classmethod
    def of(cls, row: EventRow) -> "ActivityEvent":
        return cls(
            id=strawberry.ID(ids.public_id(ids.EVENT, row.id)),
            kind=row.kind,
            occurred_at=row.occurred_at,
            channel=row.channel,
            platform=ReviewPlatform.of(row.platform) if row.platform else None,
            nps_score=row.nps_score,
            feedback=row.feedback,
            actor=row.actor,
            actor_kind=row.actor_kind,
        )


@strawberry.type(description="One day of the timeline, in the account's time zone.")
class ActivityDay:
    date: dt.date = strawberry.field(description="The day.")
    events: list[ActivityEvent] = strawberry.field(description="The most recent first.")


shows(EventRow, lambda row, _context: ActivityEvent.of(row))
