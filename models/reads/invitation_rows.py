"""Reads invitations, by key or by customer."""

from collections.abc import Sequence
from uuid import UUID

from models.reads.customer_rows import INVITATION_COLUMNS, NEXT_MESSAGE, InvitationRow
from models.reads.keyset import Position
from models.reads.operation import Reads


async def by_ids(reads: Reads, keys: Sequence[UUID]) -> list[InvitationRow]:
    """Invitations by key, in any account: only `resolvers/scope.py` may call this."""
    text = f"select {INVITATION_COLUMNS} from invitation i {NEXT_MESSAGE} where i.id = any($1::uuid[])"
    return [InvitationRow(row) for row in await reads.rows(text, list(keys))]


async def of_customers(
    reads: Reads, customers: Sequence[UUID], limit: int, after: Position | None = None
) -> dict[UUID, list[tuple[Position, InvitationRow]]]:
    """At most `limit` invitations of each customer with their positions, most recently created first, in one statement."""
    keyset = "and (i.taken_in_at, i.id) < ($3, $4)" if after else ""
    text = f"""
      select k.key as owner, of_owner.* from unnest($1::uuid[]) as k (key) cross join lateral (
        select {INVITATION_COLUMNS}, i.taken_in_at as i_taken_in_at from invitation i {NEXT_MESSAGE}
        where i.customer_id = k.key {keyset} order by i.taken_in_at desc, i.id desc limit $2
      ) of_owner order by k.key, of_owner.i_taken_in_at desc, of_owner.i_id desc
    """
    found: dict[UUID, list[tuple[Position, InvitationRow]]] = {key: [] for key in customers}
    for row in await reads.rows(text, list(customers), limit, *(after or ())):
        found[row["owner"]].append((Position(row["i_taken_in_at"], row["i_id"]), InvitationRow(row)))
    return found


async def counts(reads: Reads, customers: Sequence[UUID]) -> dict[UUID, int]:
    """The number of invitations of each customer."""
    text = "select customer_id, count(*) as number from invitation where customer_id = any($1::uuid[]) group by customer_id"
    return {row["customer_id"]: int(row["number"]) for row in await reads.rows(text, list(customers))}
