"""Progress of bulk imports: every change increases seq and notifies subscribers."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from models.connection import Db, execute

CHANNEL = "import_progress"
"""The channel of NOTIFY. Its payload is `<key's hex>:<seq>`."""

_COUNT_SENT = """
with counted as (
  update bulk_import b set sent_messages = b.sent_messages + s.number, seq = b.seq + 1
  from unnest($1::uuid[], $2::int[]) as s (id, number) where b.id = s.id
  returning b.id, b.seq
)
select pg_notify($3, replace(id::text, '-', '') || ':' || seq) from counted
"""


async def count_sent(tx: Db, ids: Iterable[UUID]) -> None:
    """Adds to the imports' counts of first messages sent: one for each id."""
    numbers = Counter(ids)
    if numbers:
        keys = sorted(numbers)
        await execute(tx, _COUNT_SENT, keys, [numbers[key] for key in keys], CHANNEL)


_CHANGED = """
with changed as (update bulk_import set seq = seq + 1 where id = $1 returning id, seq)
select pg_notify($2, replace(id::text, '-', '') || ':' || seq) from changed
"""


async def changed(tx: Db, key: UUID) -> None:
    """Notifies subscribers, on commit, that this transaction changed the import."""
    await execute(tx, _CHANGED, key, CHANNEL)
