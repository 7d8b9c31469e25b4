"""Goals: what completes an invitation early, even while it is stopped. Only actions of humans count."""

from collections.abc import Sequence
from datetime import datetime

from models.commands import moves
from models.commands.activity import SYSTEM
from models.connection import Db
from models.rules.enums import ActivityKind, Goal, MessageState
from models.rules.lifecycle import OPEN, Move


async def meet(tx: Db, row: moves.Locked, goal: Goal, now: datetime) -> None:
    """Completes the invitation if its location has this goal and it is still open."""
    if goal in row.goals and row.state in OPEN:
        await finish(tx, [row], str(goal), now)


async def finish(tx: Db, rows: Sequence[moves.Locked], reason: str, now: datetime) -> None:
    """Completes open invitations and cancels their unsent messages."""
    await moves.end_messages(tx, rows, MessageState.CANCELLED)
    await moves.move(tx, rows, Move.COMPLETE, reason, now)
    await moves.record_event(tx, rows, ActivityKind.COMPLETED, SYSTEM, now, reason)
