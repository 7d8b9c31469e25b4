-- Which invitations have a message that its lane could have sent more than a day ago ($1 now)? Lanes that were served lately do not count,
-- save where all that came of it is a sender whom the relay refuses.
select distinct m.invitation_id from lane la join message m on m.lane_id = la.id
where la.flag is null and (la.next_due <= $1::timestamptz - interval '24 hours' or la.refusals > 0)
  and m.state in ('SCHEDULED', 'DEFERRED') and m.due_at <= $1::timestamptz - interval '24 hours'
limit 1000
