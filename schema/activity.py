"""Activity events, and the timeline by day."""

import datetime as dt
from datetime import datetime

import strawberry

from models.reads.records import Column
from models.reads.timeline import EventRow
from models.rules import ids
from models.rules.enums import ActivityKind, ActorKind, Channel
from schema.location import ReviewPlatform
from schema.node import Node, register_node
from schema.rows import of_record, view_of


@of_record(EventRow, id=Column("e_id", by=ids.writer_of(ids.EVENT)))
@strawberry.type(description="Something that happened. Events are never changed.")
class ActivityEvent(Node):
    kind: ActivityKind = strawberry.field(description="What happened.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    channel: Channel | None = strawberry.field(description="The channel it happened on, if any.")
    platform: ReviewPlatform | None = strawberry.field(description="The review platform it concerns, if any.")
    nps_score: int | None = strawberry.field(description="The score that was given, 0 to 10.")
    feedback: str | None = strawberry.field(description="The customer's private note to the business.")
    actor: str | None = strawberry.field(description="The member who did it, if a member did.")
    actor_kind: ActorKind = strawberry.field(
        description="Who or what did it, as far as known by now. Only a HUMAN's action can stop a sequence."
    )

    @classmethod
    def of(cls, row: EventRow) -> "ActivityEvent":
        return view_of(cls, row.record)


@strawberry.type(description="The events of one day in the account's time zone.")
class ActivityDay:
    date: dt.date = strawberry.field(description="The date.")
    events: list[ActivityEvent] = strawberry.field(description="The events of that day, most recent first.")


register_node(EventRow, lambda row, _context: ActivityEvent.of(row))
