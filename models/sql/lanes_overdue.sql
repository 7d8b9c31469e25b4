-- Which invitations have a message that has been due for more than a day ($1 now)? Only in lanes that have not been served for a day
-- or whose sender the relay refuses.
select distinct m.invitation_id from lane la join message m on m.lane_id = la.id
where la.flag is null and (la.next_due <= $1::timestamptz - interval '24 hours' or la.refusals > 0)
  and m.state in ('SCHEDULED', 'DEFERRED') and m.due_at <= $1::timestamptz - interval '24 hours'
limit 1000
