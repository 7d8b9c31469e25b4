"""Reads messages, by key or by invitation."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.reads.operation import Reads
from models.reads.records import Row, column, columns_of, member_of, selected
from models.rules.enums import Channel, MessageState
from models.rules.scope import Scope


class MessageRow(Row):
    """`state` as shown: CLAIMED, which is internal, appears as SCHEDULED. `reply` is the transport's last one."""

    id: UUID = column("m_id")
    account_id: UUID = column("m_account_id")
    location_id: UUID = column("m_location_id")
    invitation_id: UUID = column("m_invitation_id")
    step: int = column("m_step")
    channel: Channel = column("m_channel", by=member_of(Channel))
    state: MessageState = column("m_state", by=member_of(MessageState))
    due_at: datetime = column("m_due_at")
    sent_at: datetime | None = column("m_sent_at")
    reply: str | None = column("m_reply")


_SHOWN = {"m_state": "case m.state when 'CLAIMED' then 'SCHEDULED' else m.state end"}
_MESSAGE = f"select {selected([*columns_of(MessageRow)], _SHOWN)} from message m"


async def by_ids(reads: Reads, keys: Sequence[UUID]) -> list[MessageRow]:
    """Messages by key, in any account: only `resolvers/scope.py` may call this."""
    return [MessageRow(row) for row in await reads.rows(f"{_MESSAGE} where m.id = any($1::uuid[])", list(keys))]


async def unknown(reads: Reads, scope: Scope, limit: int) -> list[MessageRow]:
    """Messages in scope of which nobody knows whether they were sent, longest ago first."""
    text = f"""
      {_MESSAGE} where m.account_id = $1 and ($2::uuid[] is null or m.location_id = any($2)) and m.state = 'UNKNOWN'
      order by m.due_at, m.id limit $3
    """
    return [MessageRow(row) for row in await reads.rows(text, scope.account_id, scope.parameter, limit)]


async def of_invitations(reads: Reads, invitations: Sequence[UUID]) -> dict[UUID, list[MessageRow]]:
    """The messages of each invitation by step, in one statement."""
    text = f"{_MESSAGE} where m.invitation_id = any($1::uuid[]) order by m.invitation_id, m.step"
    found: dict[UUID, list[MessageRow]] = {key: [] for key in invitations}
    for row in await reads.rows(text, list(invitations)):
        found[row["m_invitation_id"]].append(MessageRow(row))
    return found
