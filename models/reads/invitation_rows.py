"""Reading invitations: by key, and those of a customer, the latest first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.reads.customer_rows import (
    INVITATION_COLUMNS,
    NEXT_MESSAGE,
    REVIEW_COLUMNS,
    InvitationRow,
    ReviewRow,
    invitation_of,
    review_of,
)
from models.reads.operation import Reads


async def by_ids(reads: Reads, keys: Sequence[UUID]) -> list[InvitationRow]:
    """Invitations by key, whoever's they are: the caller holds them against the viewer's scope."""
    text = f"select {INVITATION_COLUMNS} from invitation i {NEXT_MESSAGE} where i.id = any($1::uuid[])"
    return [invitation_of(row) for row in await reads.rows(text, list(keys))]


async def of_customers(
    reads: Reads, customers: Sequence[UUID], limit: int, behind: tuple[datetime, UUID] | None = None
) -> dict[UUID, list[tuple[datetime, InvitationRow]]]:
    """For each customer its invitations, the latest taken in first, `limit` at most, with the time that a cursor
    needs; one statement."""
    after = "and (i.taken_in_at, i.id) < ($3, $4)" if behind else ""
    text = f"""
      select k.key as owner, of_owner.* from unnest($1::uuid[]) as k (key) cross join lateral (
        select {INVITATION_COLUMNS}, i.taken_in_at as i_taken_in_at from invitation i {NEXT_MESSAGE}
        where i.customer_id = k.key {after} order by i.taken_in_at desc, i.id desc limit $2
      ) of_owner order by k.key, of_owner.i_taken_in_at desc, of_owner.i_id desc
    """
    found: dict[UUID, list[tuple[datetime, InvitationRow]]] = {key: [] for key in customers}
    for row in await reads.rows(text, list(customers), limit, *(behind or ())):
        found[row["owner"]].append((row["i_taken_in_at"], invitation_of(row)))
    return found


async def numbers(reads: Reads, customers: Sequence[UUID]) -> dict[UUID, int]:
    """How many invitations each of these customers has."""
    text = "select customer_id, count(*) as number from invitation where customer_id = any($1::uuid[]) group by customer_id"
    return {row["customer_id"]: int(row["number"]) for row in await reads.rows(text, list(customers))}


async def reviews(reads: Reads, keys: Sequence[UUID]) -> list[ReviewRow]:
    """Reviews by key, whoever's they are: the caller holds them against the viewer's scope."""
    text = f"""
      select {REVIEW_COLUMNS}, c.nps_score as c_nps_score
      from review r join review_platform p on p.id = r.platform_id left join customer c on c.id = r.customer_id
      where r.id = any($1::uuid[])
    """
    rows = [review_of(row, row["c_nps_score"]) for row in await reads.rows(text, list(keys))]
    return [row for row in rows if row is not None]
