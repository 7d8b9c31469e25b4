"""Reads messages, by key or by invitation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from models.reads.operation import Reads
from models.rules.enums import Channel, MessageState
from models.rules.scope import Scope


@dataclass(slots=True)
class MessageRow:
    """`state` as shown: CLAIMED, which is internal, appears as SCHEDULED. `reply` is the transport's last one."""

    id: UUID
    account_id: UUID
    location_id: UUID
    invitation_id: UUID
    step: int
    channel: Channel
    state: MessageState
    due_at: datetime
    sent_at: datetime | None
    reply: str | None


_COLUMNS = """
  id, account_id, location_id, invitation_id, step, channel, case state when 'CLAIMED' then 'SCHEDULED' else state end as state,
  due_at, sent_at, reply
"""


async def by_ids(reads: Reads, keys: Sequence[UUID]) -> list[MessageRow]:
    """Messages by key, in any account: only `resolvers/scope.py` may call this."""
    return [
        _of(row) for row in await reads.rows(f"select {_COLUMNS} from message where id = any($1::uuid[])", list(keys))
    ]


async def unknown(reads: Reads, scope: Scope, limit: int) -> list[MessageRow]:
    """Messages in scope of which nobody knows whether they were sent, longest ago first."""
    text = f"""
      select {_COLUMNS} from message
      where account_id = $1 and ($2::uuid[] is null or location_id = any($2)) and state = 'UNKNOWN' order by due_at, id limit $3
    """
    return [_of(row) for row in await reads.rows(text, scope.account_id, scope.parameter, limit)]


async def of_invitations(reads: Reads, invitations: Sequence[UUID]) -> dict[UUID, list[MessageRow]]:
    """The messages of each invitation by step, in one statement."""
    text = f"select {_COLUMNS} from message where invitation_id = any($1::uuid[]) order by invitation_id, step"
    found: dict[UUID, list[MessageRow]] = {key: [] for key in invitations}
    for row in await reads.rows(text, list(invitations)):
        found[row["invitation_id"]].append(_of(row))
    return found


def _of(row: asyncpg.Record) -> MessageRow:
    return MessageRow(
        id=row["id"],
        account_id=row["account_id"],
        location_id=row["location_id"],
        invitation_id=row["invitation_id"],
        step=row["step"],
        channel=Channel(row["channel"]),
        state=MessageState(row["state"]),
        due_at=row["due_at"],
        sent_at=row["sent_at"],
        reply=row["reply"],
    )
