-- Which of these messages were not stamped but are still claimed by this worker ($1 messages, $2 worker, $3 states of claims)?
-- Locks them, and returns their location's send hours.
select m.id, m.lane_id, m.channel, l.time_zone, l.email_from_hour, l.email_until_hour, l.sms_from_hour, l.sms_until_hour
from message m join location l on l.id = m.location_id
where m.id = any($1::uuid[]) and m.worker = $2 and m.state = any($3::text[])
for update of m
