"""Reads reviews by key."""

from collections.abc import Sequence
from uuid import UUID

from models.reads.customer_rows import REVIEW_COLUMNS, ReviewRow
from models.reads.operation import Reads


async def by_ids(reads: Reads, keys: Sequence[UUID]) -> list[ReviewRow]:
    """Reviews by key, in any account: only `resolvers/scope.py` may call this."""
    text = f"""
      select {REVIEW_COLUMNS}
      from review r join review_platform p on p.id = r.platform_id left join customer c on c.id = r.customer_id
      where r.id = any($1::uuid[])
    """
    return [ReviewRow(row) for row in await reads.rows(text, list(keys))]
