-- Creates invitations and their messages ($1 account, $2 location, $3 import or null, $4 name of the list or null, $5 source, $6 now,
-- $7 state, $8 message state; arrays by invitation: $9 invitations, $10 customers, $11 channels separated by commas, $12 reserved
-- cycles, $13 employees, $14 services; by message: $15 invitations, $16 places of its step, $17 due times; by step: $18 numbers, $19 lanes,
-- $20 templates, $21 channels, $22 seconds after the first step, $23 minutes of the day or null).
with invited as (
  insert into invitation (id, account_id, location_id, bulk_import_id, import_name, source, taken_in_at, invited_on, state_changed_at,
    state, customer_id, channels, reserved_cycle, employee, service)
  select i.id, $1, $2, $3, $4, $5, $6, $6, $6, $7, i.customer_id, string_to_array(i.channels, ','), i.cycle, i.employee, i.service
  from unnest($9::uuid[], $10::uuid[], $11::text[], $12::date[], $13::text[], $14::text[])
    as i (id, customer_id, channels, cycle, employee, service)
), steps as materialized (
  select * from unnest($18::smallint[], $19::uuid[], $20::uuid[], $21::text[], $22::int[], $23::smallint[]) with ordinality
    as s (step, lane_id, template_id, channel, after_seconds, at_minute, place)
)
insert into message (account_id, location_id, state, attempts, invitation_id, lane_id, template_id, step, channel, after_seconds, at_minute,
  due_at)
select $1, $2, $8, 0, m.invitation_id, s.lane_id, s.template_id, s.step, s.channel, s.after_seconds, s.at_minute, m.due_at
from unnest($15::uuid[], $16::smallint[], $17::timestamptz[]) as m (invitation_id, place, due_at) join steps s using (place)
