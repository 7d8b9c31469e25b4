-- Sets `next_due` of lanes that have an earlier message due ($1 now), except of lanes paused for a refused sender.
update lane set next_due = d.due_at
from (
  select la.id, m.due_at from lane la cross join lateral (
    select due_at from message where lane_id = la.id and state in ('SCHEDULED', 'DEFERRED') order by due_at limit 1
  ) m
  where (la.next_due is null or la.next_due > greatest(m.due_at, $1::timestamptz + interval '1 minute'))
    and la.tokens + la.rate * extract(epoch from $1::timestamptz - la.refilled_at) >= 0
) d where lane.id = d.id
