-- Locks invitations, ordered by key, and returns them with data of their locations and customers ($1 invitations).
select i.id, i.account_id, i.location_id, i.customer_id, i.bulk_import_id, i.state, i.state_reason, i.channels, i.first_sent_at,
  i.reserved_cycle, c.email, c.phone, l.goals, l.answer_window_days, l.time_zone, l.email_from_hour, l.email_until_hour,
  l.sms_from_hour, l.sms_until_hour, c.time_zone as customer_zone, c.zone_spread
from invitation i join customer c on c.id = i.customer_id join location l on l.id = i.location_id
where i.id = any($1::uuid[]) order by i.id for update of i
