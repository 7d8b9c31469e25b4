-- Locks and returns the queued messages of customers, by invitation and step ($1 customers, $2 open states).
select m.id, m.invitation_id, m.lane_id, m.channel, m.due_at, m.after_seconds, m.at_minute, c.time_zone as customer_zone,
  c.zone_spread
from customer c join invitation i on i.customer_id = c.id and i.state = any($2::text[])
join message m on m.invitation_id = i.id and m.state in ('SCHEDULED', 'DEFERRED')
where c.id = any($1::uuid[]) order by m.invitation_id, m.step for update of m
