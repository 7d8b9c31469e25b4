-- What waited in lanes whose cause has gone is due later by the time that it waited ($1 location, $2 now).
with freed as (
  select la.id, $2::timestamptz - la.flagged_at as waited from lane la join location l on l.id = la.location_id
  where la.location_id = $1 and la.flag = 'SENDER_INCOMPLETE'
    and coalesce(l.postal_address, '') <> '' and coalesce(l.sender_name, '') <> '' and coalesce(l.sender_email, '') <> ''
  for update of la
), shifted as (
  update message m set due_at = m.due_at + freed.waited from freed
  where m.lane_id = freed.id and m.state in ('SCHEDULED', 'DEFERRED')
  returning m.lane_id, m.due_at
)
update lane set flag = null, flagged_at = null, next_due = (select min(due_at) from shifted where shifted.lane_id = lane.id)
from freed where lane.id = freed.id
