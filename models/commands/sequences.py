"""The steps of a location's sequence."""

from collections.abc import Collection
from uuid import UUID

from models.connection import Db
from models.rules.plan import PlanFacts
from models.tables.location import SequenceStep


async def planned_steps(tx: Db, location_id: UUID, facts: PlanFacts) -> list[SequenceStep]:
    """As many steps as the plan includes, in order."""
    return await SequenceStep.filter(location_id=location_id).using_db(tx).order_by("number").limit(facts.steps)


async def steps_reached(tx: Db, location_id: UUID, channels: Collection[str], facts: PlanFacts) -> list[SequenceStep]:
    """Those of them on these channels."""
    return [step for step in await planned_steps(tx, location_id, facts) if step.channel in channels]
