-- Which of these messages were not stamped but are still claimed by this worker ($1 messages, $2 worker, $3 states of claims)?
-- Locks them, by key, and returns their send hours.
select m.id, m.lane_id, m.channel, l.time_zone, l.email_from_hour, l.email_until_hour, l.sms_from_hour, l.sms_until_hour,
  c.time_zone as customer_zone, c.zone_spread
from message m join location l on l.id = m.location_id join invitation i on i.id = m.invitation_id
join customer c on c.id = i.customer_id
where m.id = any($1::uuid[]) and m.worker = $2 and m.state = any($3::text[])
order by m.id for update of m
