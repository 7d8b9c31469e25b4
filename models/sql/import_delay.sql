-- Delays messages of a resumed import by the time for which their lanes were held ($1 import, $2 invitations of it, $3 when it was
-- resumed). In steps, with keys in an array: without statistics, one join would read the whole list for each message.
with taken as materialized (
  select id, taken_in_at from invitation where id = any($2::uuid[])
), held as materialized (
  select id, flagged_at from lane where bulk_import_id = $1
)
update message m
set due_at = m.due_at + w.by, deferred_since = m.deferred_since + w.by
from taken cross join held
  cross join lateral (select greatest($3::timestamptz - greatest(held.flagged_at, taken.taken_in_at), interval '0') as by) w
where m.id = any (array(
    select id from message where invitation_id = any($2::uuid[]) and state in ('SCHEDULED', 'DEFERRED')))
  and taken.id = m.invitation_id and held.id = m.lane_id
