"""Reads suppressions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from models.reads.keyset import Position
from models.reads.operation import Reads
from models.rules.enums import Channel, SuppressionReason
from models.rules.scope import Scope


@dataclass(slots=True)
class SuppressionRow:
    """`hint` is the address, half hidden."""

    id: UUID
    account_id: UUID
    channel: Channel
    hint: str
    reason: SuppressionReason
    note: str | None
    actor: str | None
    created_at: datetime


_COLUMNS = "id, account_id, channel, hint, reason, note, actor, created_at"


def _of(row: asyncpg.Record) -> SuppressionRow:
    return SuppressionRow(
        id=row["id"],
        account_id=row["account_id"],
        channel=Channel(row["channel"]),
        hint=row["hint"],
        reason=SuppressionReason(row["reason"]),
        note=row["note"],
        actor=row["actor"],
        created_at=row["created_at"],
    )


async def by_ids(reads: Reads, keys: Sequence[UUID]) -> list[SuppressionRow]:
    """Suppressions by key, in any account: only `resolvers/scope.py` may call this."""
    return [
        _of(row)
        for row in await reads.rows(f"select {_COLUMNS} from suppression where id = any($1::uuid[])", list(keys))
    ]


async def of_account(
    reads: Reads, scope: Scope, address: str | None, limit: int, after: Position | None = None
) -> list[SuppressionRow]:
    """The account's suppressions, most recent first; only those of this address if it is given."""
    keyset = "and (created_at, id) < ($4, $5)" if after else ""
    text = f"""
      select {_COLUMNS} from suppression
      where account_id = $1 and ($2::text is null or address_key = any(public.plaudit_address_keys($2))) {keyset}
      order by created_at desc, id desc limit $3
    """
    return [_of(row) for row in await reads.rows(text, scope.account_id, address, limit, *(after or ()))]


async def count(reads: Reads, scope: Scope, address: str | None) -> int:
    text = """
      select count(*) from suppression
      where account_id = $1 and ($2::text is null or address_key = any(public.plaudit_address_keys($2)))
    """
    row = await reads.row(text, scope.account_id, address)
    return int(row[0]) if row else 0
