"""Progress of bulk imports: every change increases seq and notifies subscribers."""

from collections import Counter
from collections.abc import Iterable, Sequence
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


_NOTE_LAST = """
-- When is the last unsent first message of these invitations due ($1 import, $2 invitations of it)?
update bulk_import set last_due_at = greatest(last_due_at, (
  select max(m.due_at) from unnest($2::uuid[]) as i (id) cross join lateral (
    select state, due_at from message where invitation_id = i.id order by step limit 1) m
  where m.state in ('SCHEDULED', 'DEFERRED')))
where id = $1
"""


async def note_last_due(tx: Db, key: UUID, invitations: Sequence[UUID]) -> None:
    """Notes when the last first message is due, after those of these invitations were delayed."""
    await execute(tx, _NOTE_LAST, key, list(invitations))


_NOTE_LAST_OF_LOCATION = """
-- When is the last unsent first message of each import of a location due ($1 location)?
with last as (
  select i.bulk_import_id as id, max(m.due_at) as due_at
  from lane la join message m on m.lane_id = la.id and m.state in ('SCHEDULED', 'DEFERRED')
  join invitation i on i.id = m.invitation_id and i.first_sent_at is null
  where la.location_id = $1 and la.bulk_import_id is not null
    and not exists (select 1 from message e where e.invitation_id = m.invitation_id and e.step < m.step)
  group by i.bulk_import_id
)
update bulk_import b set last_due_at = last.due_at from last where b.id = last.id
"""


async def note_last_due_of(tx: Db, location_id: UUID) -> None:
    """Notes when the last first messages are due, after those of a location were delayed or moved. The account is locked."""
    await execute(tx, _NOTE_LAST_OF_LOCATION, location_id)
