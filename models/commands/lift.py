"""Lifts suppressions: one that a member recorded by mistake, or any other, with a record of it."""

from datetime import datetime
from uuid import UUID

from models.commands import allowance
from models.commands.activity import Actor
from models.connection import Db
from models.rules.enums import LIFTABLE
from models.rules.errors import NotFound, Suppressed
from models.tables.suppression import LiftedSuppression, Suppression


async def lift(tx: Db, suppression_id: UUID, because: str, actor: Actor, now: datetime) -> None:
    """Removes a suppression, and records who lifted it and why. Ended invitations stay ended."""
    await allowance.lock_of(tx, "suppression", [suppression_id])
    found = await Suppression.get_or_none(id=suppression_id, using_db=tx)
    if found is None:
        raise NotFound("No suppression has this id.", ["suppressionId"])
    if found.reason not in LIFTABLE:
        raise Suppressed("This person unsubscribed, so the suppression can't be lifted.", ["suppressionId"])
    await remove(tx, found, because, actor, now)


async def remove(tx: Db, found: Suppression, because: str, actor: Actor, now: datetime) -> None:
    """Removes a suppression, and keeps what it was, who removed it, and why. The account is locked."""
    await LiftedSuppression.create(
        using_db=tx,
        id=found.id,
        account_id=found.account_id,
        channel=found.channel,
        address_key=found.address_key,
        hint=found.hint,
        reason=found.reason,
        created_at=found.created_at,
        lifted_at=now,
        lifted_by=actor.name or "",
        lifted_because=because,
    )
    await found.delete(using_db=tx)
