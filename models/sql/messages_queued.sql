-- Locks and returns the queued messages of a location, by invitation and step ($1 location).
select m.id, m.invitation_id, m.lane_id, m.channel, m.due_at, m.after_seconds, m.at_minute, c.time_zone as customer_zone,
  c.zone_spread
from lane la join message m on m.lane_id = la.id and m.state in ('SCHEDULED', 'DEFERRED')
join invitation i on i.id = m.invitation_id join customer c on c.id = i.customer_id
where la.location_id = $1 order by m.invitation_id, m.step for update of m
