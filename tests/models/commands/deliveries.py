"""Delivery without a relay: claims, stamps and settles the messages of one account, and reads the results."""

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


async def claim_and_stamp(account: models.Account, *, lease_seconds: float = 60) -> list[ClaimedMessage]:
    """The account's due messages that could be stamped; the others are rescheduled."""
    worker = uuid4()
    rows = await sending.claim(  # high limits, because messages of other tests may be due too
        pool(WORK), worker, clock.now(), max_messages=20_000, max_lanes=2_000, lease_seconds=lease_seconds
    )
    claimed = [row for row in rows if row.account_id == account.id]
    stamped = await sending.stamp(pool(WORK), claimed, worker, clock.now(), lease_seconds=lease_seconds)
    async with transaction(WORK) as tx:
        await sending.reschedule(tx, [row.id for row in claimed], worker, clock.now())
        await sending.release(tx, worker)
    return [row for row in claimed if row.id in stamped]


async def settle(messages: Sequence[ClaimedMessage], state: MessageState) -> None:
    async with transaction(WORK) as tx:
        await outcomes.settle(tx, [Outcome(message.id, state, clock.now(), "said") for message in messages])


async def deliver(account: models.Account, state: MessageState) -> list[int]:
    """Settles all due messages with this state and returns their steps."""
    messages = await claim_and_stamp(account)
    await settle(messages, state)
    return [message.step for message in messages]


async def stop(invitation: UUID, reason: StopReason = StopReason.OTHER) -> None:
    async with transaction() as tx:
        await stop_invitation(tx, invitation, reason, make.MEMBER, clock.now())


async def restart(invitation: UUID) -> None:
    async with transaction() as tx:
        await restart_invitation(tx, invitation, make.MEMBER, clock.now())


async def due_times(invitation: UUID) -> list[datetime]:
    rows = await models.Message.filter(invitation_id=invitation).order_by("step")
    return [row.due_at for row in rows]


async def message_states(invitation: UUID) -> list[MessageState]:
    rows = await models.Message.filter(invitation_id=invitation).order_by("step")
    return [row.state for row in rows]


async def events(invitation: UUID) -> list[tuple[str, str | None]]:
    """The kinds and reasons of the invitation's events, oldest first."""
    rows = await models.ActivityEvent.filter(invitation_id=invitation).order_by("occurred_at", "id")
    return [(str(row.kind), row.reason) for row in rows]


async def state_and_reason(invitation: UUID) -> tuple[str, str | None]:
    row = await models.Invitation.get(id=invitation)
    return str(row.state), row.state_reason


async def set_allowance(account: models.Account, invitations: int) -> None:
    """Overrides the plan's allowance."""
    await models.Account.filter(id=account.id).update(overrides={"invitations": invitations})
