-- Locks and returns the queued messages of a location, by invitation and step ($1 location).
select m.id, m.invitation_id, m.channel, m.due_at, m.after_seconds
from lane la join message m on m.lane_id = la.id and m.state in ('SCHEDULED', 'DEFERRED')
where la.location_id = $1 order by m.invitation_id, m.step for update of m
