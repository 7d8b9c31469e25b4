"""Undoes an unsubscription by mistake, for whoever unsubscribed by the same link a short while ago."""

from datetime import datetime, timedelta
from uuid import UUID

from models.commands import allowance
from models.commands.activity import HUMAN
from models.commands.lift import remove
from models.connection import Db, fetch_one, statement
from models.rules.enums import SuppressionReason
from models.rules.quota import UNDOS_OF_AN_ADDRESS
from models.tables.suppression import LiftedSuppression, Suppression

UNDO_WITHIN = timedelta(hours=1)
_BECAUSE = "Undone on the unsubscribe page"


def is_undoable(unsubscribed_at: datetime | None, now: datetime) -> bool:
    """`unsubscribed_at`: when this message's link made the suppression, if it did."""
    return unsubscribed_at is not None and now - unsubscribed_at < UNDO_WITHIN


async def resubscribe(tx: Db, message_id: UUID, now: datetime) -> bool:
    """Lifts the suppression. Returns False if there is none to lift: it was made by another link, by a member, too long ago, or
    too often. Invitations that it ended stay ended, and skipped messages skipped: nothing leaves those states."""
    place = await fetch_one(tx, statement("message_place"), message_id)
    if place is None:
        raise LookupError("there is no such message")
    await allowance.lock_one(tx, place["account_id"])
    made_here = Suppression.filter(message_id=message_id, reason=SuppressionReason.UNSUBSCRIBED, actor=None)
    found = await made_here.using_db(tx).first()
    if found is None or not is_undoable(found.created_at, now) or await _is_often(tx, found):
        return False
    await remove(tx, found, _BECAUSE, HUMAN, now)
    return True


async def _is_often(tx: Db, found: Suppression) -> bool:
    undone = LiftedSuppression.filter(account_id=found.account_id, address_key=found.address_key, lifted_by="")
    return await undone.using_db(tx).count() >= UNDOS_OF_AN_ADDRESS
