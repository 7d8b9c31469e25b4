-- Locks and returns the unsent steps after those that were sent late ($1 invitations, $2 steps), by invitation and step.
select m.id, m.invitation_id, m.channel, m.due_at, m.after_seconds, m.at_minute
from unnest($1::uuid[], $2::int[]) as s (id, step)
join message m on m.invitation_id = s.id and m.step > s.step and m.state in ('SCHEDULED', 'CLAIMED', 'DEFERRED')
order by m.invitation_id, m.step for update of m
