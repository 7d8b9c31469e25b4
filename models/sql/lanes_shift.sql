-- Releases the lanes of a location that may send again, and delays their messages by the time they were held
-- ($1 location, $2 now). Returns the lanes.
with freed as (
  select la.id, la.flagged_at
  from lane la join location l on l.id = la.location_id left join bulk_import b on b.id = la.bulk_import_id
  where la.location_id = $1 and la.flag is not null
    and public.plaudit_lane_flag(la.channel, l.held_by, l.sender_complete, b.state) is null
  for update of la
), waited as (
  select m.id, $2::timestamptz - greatest(freed.flagged_at, i.taken_in_at) as by
  from freed join message m on m.lane_id = freed.id and m.state in ('SCHEDULED', 'DEFERRED')
  join invitation i on i.id = m.invitation_id
), shifted as (
  update message m set due_at = m.due_at + waited.by, deferred_since = m.deferred_since + waited.by from waited
  where m.id = waited.id
  returning m.lane_id, m.due_at
)
update lane set flag = null, flagged_at = null, next_due = (select min(due_at) from shifted where shifted.lane_id = lane.id)
from freed where lane.id = freed.id returning lane.id
