"""Suppressions: addresses that an account must not contact."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.commands import allowance, moves
from models.commands.activity import Actor
from models.connection import Db, execute, fetch, statement
from models.rules.enums import ActivityKind, Channel, MessageState, SuppressionReason
from models.rules.lifecycle import OPEN, Move
from models.rules.privacy import half_hidden


async def suppressed(tx: Db, account_id: UUID, addresses: Sequence[tuple[Channel, str]]) -> set[Channel]:
    """The channels whose address is suppressed."""
    rows = await fetch(
        tx,
        "select s.channel from suppression s join unnest($2::text[], $3::text[]) as a (channel, address) "
        "on s.channel = a.channel and s.address_key = any(public.plaudit_address_keys(a.address)) where s.account_id = $1",
        account_id,
        [str(channel) for channel, _ in addresses],
        [address for _, address in addresses],
    )
    return {Channel(row["channel"]) for row in rows}


async def suppress(
    tx: Db,
    account_id: UUID,
    addresses: Sequence[tuple[Channel, str]],
    reason: SuppressionReason,
    actor: Actor,
    now: datetime,
    *,
    spare: UUID | None = None,
    message_id: UUID | None = None,
    note: str | None = None,
) -> None:
    """Suppresses addresses, and ends open invitations to them or removes the channel.

    `spare`: an invitation that the caller handles itself. `message_id` and `note`: the evidence. Where both the person and a
    member say so, the reason is the person's, and the entry keeps the member and the note.
    """
    channels, texts = [str(channel) for channel, _ in addresses], [address for _, address in addresses]
    await allowance.lock_one(tx, account_id)
    hints = [half_hidden(channel, address) for channel, address in addresses]
    await execute(tx, _ADD, account_id, channels, texts, hints, str(reason), now, actor.name, message_id, note)
    found = await fetch(tx, statement("invitations_at_addresses"), account_id, channels, texts, sorted(OPEN))
    rows = await moves.locked(tx, [row["id"] for row in found if row["id"] != spare])
    for row in rows.values():
        if row.state in OPEN:
            await _close_or_narrow(tx, row, reason, actor, now)


_PERSON_SAYS_SO_NOW = "excluded.reason = 'UNSUBSCRIBED' and suppression.reason <> 'UNSUBSCRIBED'"
_ADD = f"""
insert into suppression (account_id, channel, address_key, hint, reason, created_at, actor, message_id, note)
select $1, a.channel, public.plaudit_address_key(public.plaudit_mailbox(a.address)), a.hint, $5, $6, $7, $8, $9
from unnest($2::text[], $3::text[], $4::text[]) as a (channel, address, hint)
on conflict (account_id, channel, address_key) do update
set actor = coalesce(suppression.actor, excluded.actor), note = coalesce(excluded.note, suppression.note),
  reason = case when {_PERSON_SAYS_SO_NOW} then excluded.reason else suppression.reason end,
  message_id = case when {_PERSON_SAYS_SO_NOW} then excluded.message_id else suppression.message_id end,
  created_at = case when {_PERSON_SAYS_SO_NOW} then excluded.created_at else suppression.created_at end
"""


async def _close_or_narrow(tx: Db, row: moves.Locked, reason: SuppressionReason, actor: Actor, now: datetime) -> None:
    """Ends the invitation if no usable channel is left; otherwise skips its messages on suppressed channels."""
    dead = await suppressed(tx, row.account_id, row.addresses)
    narrowed = any(channel not in dead for channel in row.channels)
    await moves.end_messages(tx, [row], MessageState.SKIPPED, sorted(dead) if narrowed else None)
    if narrowed and not await moves.begin_answer_window(tx, [row]):
        return
    await moves.move(tx, [row], Move.SUPPRESS, str(reason), now)
    await moves.record_event(tx, [row], ActivityKind.UNSUBSCRIBED, actor, now, str(reason))
