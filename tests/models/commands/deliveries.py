"""Delivery without a relay: what a worker does with the messages of one account, and what became of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import models
from models.clock import clock
from models.commands import outcomes, sending
from models.commands.outcomes import Outcome
from models.commands.sending import ClaimedMessage
from models.commands.stop import restart as restart_invitation
from models.commands.stop import stop as stop_invitation
from models.connection import WORK, pool, transaction
from models.rules.enums import MessageState, StopReason
from tests import factories as make


async def claimed(of: models.Account, *, lease_seconds: float = 60) -> list[ClaimedMessage]:
    """What of this account is due and was stamped; what did not pass the stamp was turned back."""
    worker = uuid4()
    rows = await sending.claim(  # so many, as other tests' messages may be due as well
        pool(WORK), worker, clock.now(), max_messages=20_000, max_lanes=2_000, lease_seconds=lease_seconds
    )
    mine = [row for row in rows if row.account_id == of.id]
    stamped = await sending.stamp(pool(WORK), mine, worker, clock.now(), lease_seconds=lease_seconds)
    async with transaction(WORK) as tx:
        await sending.reschedule(tx, [row.id for row in mine], worker, clock.now())
        await sending.release(tx, worker)
    return [row for row in mine if row.id in stamped]


async def settle(messages: Sequence[ClaimedMessage], became: MessageState) -> None:
    async with transaction(WORK) as tx:
        await outcomes.settle(tx, [Outcome(one.id, became, clock.now(), "said") for one in messages])


async def deliver(of: models.Account, became: MessageState) -> list[int]:
    """The steps that were due, and became this."""
    messages = await claimed(of)
    await settle(messages, became)
    return [message.step for message in messages]


async def stop(invitation: UUID, reason: StopReason = StopReason.OTHER) -> None:
    async with transaction() as tx:
        await stop_invitation(tx, invitation, reason, make.MEMBER, clock.now())


async def restart(invitation: UUID) -> None:
    async with transaction() as tx:
        await restart_invitation(tx, invitation, make.MEMBER, clock.now())


async def due(invitation: UUID) -> list[datetime]:
    rows = await models.Message.filter(invitation_id=invitation).order_by("step")
    return [row.due_at for row in rows]


async def states(invitation: UUID) -> list[MessageState]:
    rows = await models.Message.filter(invitation_id=invitation).order_by("step")
    return [row.state for row in rows]


async def told(invitation: UUID) -> list[tuple[str, str | None]]:
    """Kinds and reasons of its events, in their order."""
    rows = await models.ActivityEvent.filter(invitation_id=invitation).order_by("occurred_at", "id")
    return [(str(row.kind), row.reason) for row in rows]


async def standing(invitation: UUID) -> tuple[str, str | None]:
    """Its state and the reason."""
    row = await models.Invitation.get(id=invitation)
    return str(row.state), row.state_reason


async def allow(of: models.Account, invitations: int) -> None:
    """From now on, whatever the plan says."""
    await models.Account.filter(id=of.id).update(overrides={"invitations": invitations})
