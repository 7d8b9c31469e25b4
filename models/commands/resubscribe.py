"""Undoes an unsubscription by mistake, for whoever unsubscribed by the same link a short while ago."""

from datetime import datetime, timedelta
from uuid import UUID

from models.commands import allowance
from models.connection import Db, fetch_one, statement
from models.rules.enums import SuppressionReason

UNDO_WITHIN = timedelta(hours=1)

_LIFT = """
-- Removes the suppression that this message's link made after this moment ($1 message, $2 reason, $3 moment).
delete from suppression where message_id = $1 and reason = $2 and created_at > $3 returning id
"""


def is_undoable(unsubscribed_at: datetime | None, now: datetime) -> bool:
    """`unsubscribed_at`: when this message's link made the suppression, if it did."""
    return unsubscribed_at is not None and now - unsubscribed_at < UNDO_WITHIN


async def resubscribe(tx: Db, message_id: UUID, now: datetime) -> bool:
    """Lifts the suppression. Returns False where there is none to lift: it was made by another link, by a member, or too
    long ago. Invitations that it ended stay ended, and skipped messages skipped: nothing leaves those states."""
    place = await fetch_one(tx, statement("message_place"), message_id)
    if place is None:
        raise LookupError("there is no such message")
    await allowance.lock_one(tx, place["account_id"])
    return await fetch_one(tx, _LIFT, message_id, SuppressionReason.UNSUBSCRIBED, now - UNDO_WITHIN) is not None
