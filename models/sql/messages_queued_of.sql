-- Locks and returns the queued messages of customers, by invitation and step ($1 customers, $2 open states).
-- Keys in an array: without statistics, one join would read all queued messages.
select m.id, m.invitation_id, m.lane_id, m.channel, m.due_at, m.after_seconds, m.at_minute, c.time_zone as customer_zone,
  c.zone_spread
from message m join invitation i on i.id = m.invitation_id join customer c on c.id = i.customer_id
where m.invitation_id = any (array(select id from invitation where customer_id = any($1::uuid[]) and state = any($2::text[])))
  and m.state in ('SCHEDULED', 'DEFERRED')
order by m.invitation_id, m.step for update of m
