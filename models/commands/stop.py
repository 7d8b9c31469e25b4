"""Stops and restarts invitations for a member: one transaction each, exact even while a worker is sending."""

from datetime import datetime
from uuid import UUID

from models.commands import day_quota, moves
from models.commands.activity import SYSTEM, Actor
from models.commands.day_quota import Counted
from models.commands.suppress import suppress, suppressed
from models.connection import Db
from models.rules.enums import ActivityKind, FailureReason, InvitationState, MessageState, StopReason, SuppressionReason
from models.rules.errors import AllowanceExceeded, Invalid, NotFound, NotStoppable, NotStopped, Suppressed
from models.rules.lifecycle import INVITATION, Move
from models.rules.quota import RESTARTS_OF_AN_INVITATION
from models.tables.activity_event import ActivityEvent


async def stop(tx: Db, invitation_id: UUID, reason: StopReason, actor: Actor, now: datetime) -> None:
    """Pauses messages that are not stamped. Stopping a stopped invitation changes nothing. CUSTOMER_ASKED suppresses
    the customer in any state, and is always told: it becomes the reason of a stopped invitation."""
    row = await _locked(tx, invitation_id)
    stoppable = row.state in INVITATION[Move.STOP].sources
    if not stoppable and row.state is not InvitationState.STOPPED and reason is not StopReason.CUSTOMER_ASKED:
        raise NotStoppable("This invitation has ended, so there is nothing to stop.", ["invitationId"])
    if stoppable:
        await moves.pause_messages(tx, [row], now)
        await moves.move(tx, [row], Move.STOP, str(reason), now)
        await moves.record_event(tx, [row], ActivityKind.STOPPED, actor, now, str(reason))
    elif reason is StopReason.CUSTOMER_ASKED:
        await _note_wish(tx, row, actor, now)
    if reason is StopReason.CUSTOMER_ASKED:
        asked = SuppressionReason.CUSTOMER_ASKED
        await suppress(tx, row.account_id, row.addresses, asked, actor, now, spare=row.id)


async def _note_wish(tx: Db, row: moves.Locked, actor: Actor, now: datetime) -> None:
    """Records what the customer asked for after the invitation was stopped for another reason, or ended. A wish that is known
    already is not recorded again."""
    wish = str(StopReason.CUSTOMER_ASKED)
    dead = await suppressed(tx, row.account_id, row.addresses)
    is_news = any(channel not in dead for channel, _ in row.addresses)
    if row.state is InvitationState.STOPPED and row.state_reason != wish:
        await moves.set_reason(tx, row, wish)
        is_news = True
    if is_news:
        await moves.record_event(tx, [row], ActivityKind.UNSUBSCRIBED, actor, now, wish)


async def restart(tx: Db, invitation_id: UUID, actor: Actor, now: datetime) -> None:
    """Continues with the first unsent step, rescheduled; a sent step is never sent again. If no message is left to send, the
    invitation fails or, if something was sent, waits for an answer."""
    row = await _locked(tx, invitation_id)
    if row.state not in INVITATION[Move.RESTART].sources:
        raise NotStopped("This invitation is not stopped, so there is nothing to restart.", ["invitationId"])
    await _leave_out_suppressed(tx, row)
    cycle = row.terms.cycle((await moves.first_due(tx, [row], now))[row.id])
    if not await moves.reserve_again(tx, row, cycle.starts_on, now):
        raise AllowanceExceeded(
            f"This billing cycle's allowance is used up until {cycle.resets_on}; restart the invitation then.",
            ["invitationId"],
        )
    await _refuse_loops(tx, row, now)
    await moves.move(tx, [row], Move.RESTART, None, now)
    await moves.record_event(tx, [row], ActivityKind.RESTARTED, actor, now)
    nothing_left = FailureReason.NO_USABLE_CHANNEL
    failed = await moves.fail_unsendable(tx, [row], nothing_left, now)
    await moves.record_event(tx, failed, ActivityKind.FAILED, SYSTEM, now, nothing_left)
    await moves.resume_messages(tx, [row], now)


async def _refuse_loops(tx: Db, row: moves.Locked, now: datetime) -> None:
    """Limits restarts per invitation, and per account and day. This limits stops too, which are never refused."""
    restarts = ActivityEvent.filter(invitation_id=row.id, kind=ActivityKind.RESTARTED)
    if await restarts.using_db(tx).count() >= RESTARTS_OF_AN_INVITATION:
        raise Invalid(
            f"This invitation was restarted {RESTARTS_OF_AN_INVITATION} times and cannot be restarted again.",
            ["invitationId"],
        )
    await day_quota.spend(tx, row.terms, Counted.RESTARTED, now, "invitationId")


async def _leave_out_suppressed(tx: Db, row: moves.Locked) -> None:
    dead = await suppressed(tx, row.account_id, row.addresses)
    if all(channel in dead for channel in row.channels):
        raise Suppressed(
            "This customer has opted out and can't be contacted, so the invitation stays stopped.", ["invitationId"]
        )
    await moves.end_messages(tx, [row], MessageState.SKIPPED, sorted(dead))


async def _locked(tx: Db, invitation_id: UUID) -> moves.Locked:
    found = await moves.locked(tx, [invitation_id])
    if invitation_id not in found:
        raise NotFound("No invitation has this id.", ["invitationId"])
    return found[invitation_id]
