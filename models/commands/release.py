"""Releases what is held: invitations, and the lanes of a location."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.commands import allowance, breakers, lanes, moves, send_hours
from models.commands.activity import SYSTEM, Actor
from models.commands.funnel_marks import day_of
from models.connection import Db, fetch
from models.rules.enums import ActivityKind, FailureReason, HoldReason, InvitationState
from models.rules.errors import AllowanceExceeded, Invalid, NotFound
from models.rules.lifecycle import Move
from models.tables.location import Location

AT_ONCE = 500
"""How many held invitations of a location are released together."""


async def release(tx: Db, rows: Sequence[moves.Locked], actor: Actor, now: datetime) -> None:
    """Releases held invitations that were sent before or have a reservation, retimed as in a restart. Those with nothing left
    to send fail."""
    await moves.move(tx, rows, Move.RELEASE, None, now)
    await moves.record_event(tx, rows, ActivityKind.RELEASED, actor, now)
    nothing_left = FailureReason.NO_USABLE_CHANNEL
    failed = await moves.fail_unsendable(tx, rows, nothing_left, now)
    await moves.record_event(tx, failed, ActivityKind.FAILED, SYSTEM, now, nothing_left)
    await moves.resume_messages(tx, rows, now)


async def release_invitation(tx: Db, invitation_id: UUID, actor: Actor, now: datetime) -> None:
    """Releases an overdue invitation. One that is held for lack of allowance is released by itself once there is some."""
    row = (await moves.locked(tx, [invitation_id])).get(invitation_id)
    if row is None:
        raise NotFound("No invitation has this id.", ["invitationId"])
    if row.state is not InvitationState.HELD:
        raise Invalid(
            "This invitation is not held by itself. If stateReason says that its location waits, use releaseLocation.",
            ["invitationId"],
        )
    if not await _reserved(tx, [row], now):
        resets_on = row.terms.cycle(now).resets_on
        raise AllowanceExceeded(
            f"This billing cycle's allowance is used up until {resets_on}; the invitation is released then, or when there is more.",
            ["invitationId"],
        )
    await release(tx, [row], actor, now)


_OVERDUE = """
select id from invitation
where account_id = $1 and location_id = $2 and state = 'HELD' and state_reason = $3 order by state_changed_at, id limit $4
"""


async def release_location(tx: Db, account_id: UUID, location_id: UUID, actor: Actor, now: datetime) -> None:
    """Releases the overdue invitations of a location, longest held first, up to AT_ONCE and as far as the allowance lasts; and its
    lanes: bounces and complaints until today count no more, and the relay is tried again at once."""
    terms = await allowance.lock_one(tx, account_id)
    location = await Location.get(id=location_id, using_db=tx)
    if location.lacks:
        raise Invalid(
            f"This location sends no e-mail without its {', '.join(location.lacks)}; add it with plaudit apply.",
            ["locationId"],
        )
    held = await fetch(tx, _OVERDUE, account_id, location_id, str(HoldReason.OVERDUE), AT_ONCE)
    found = (await moves.locked(tx, [row["id"] for row in held])).values()
    await release(tx, await _reserved(tx, [row for row in found if row.state is InvitationState.HELD], now), actor, now)
    await breakers.reset(tx, location_id, day_of(now, terms.time_zone))
    await send_hours.reflag(tx, location_id, now)
    await lanes.try_again(tx, location_id, now)


async def _reserved(tx: Db, rows: Sequence[moves.Locked], now: datetime) -> list[moves.Locked]:
    """Reserves allowance for those that sent nothing. Returns those that can be released."""
    due = await moves.first_due(tx, rows, now)
    return [row for row in rows if await moves.reserve_again(tx, row, row.terms.cycle(due[row.id]).starts_on, now)]
