-- Creates the invitations, messages and events of accepted rows, and makes each invitation its customer's latest
-- ($1 import, $2 account, $3 location, $4 state, $5 message state, $6 now, $7 source, $8 list name, $9 actor;
-- by row: $10 rows, $11 reserved cycles, $12 channels separated by commas; by row and step: $13 rows, $14 steps, $15 channels,
-- $16 lanes, $17 templates, $18 seconds after the first step, $19 minutes of the day or null, $20 due times).
with taken as materialized (
  select t.row, t.cycle, string_to_array(t.channels, ',') as channels, r.customer_id, r.employee, r.service,
    uuidv7() as invitation_id
  from unnest($10::int[], $11::date[], $12::text[]) as t (row, cycle, channels)
  join import_row r on r.bulk_import_id = $1 and r.row = t.row
), steps as materialized (
  select * from unnest($13::int[], $14::smallint[], $15::text[], $16::uuid[], $17::uuid[], $18::int[], $19::smallint[],
    $20::timestamptz[]) as s (row, step, channel, lane_id, template_id, after_seconds, at_minute, due_at)
), invited as (
  insert into invitation (id, account_id, location_id, customer_id, bulk_import_id, state, state_changed_at, channels,
    taken_in_at, invited_on, reserved_cycle, source, import_name, employee, service)
  select t.invitation_id, $2, $3, t.customer_id, $1, $4, $6, t.channels, $6, $6, t.cycle, $7, $8, t.employee, t.service
  from taken t order by t.row
), written as (
  insert into message (account_id, location_id, invitation_id, state, lane_id, template_id, step, channel, after_seconds,
    at_minute, due_at, attempts)
  select $2, $3, t.invitation_id, $5, s.lane_id, s.template_id, s.step, s.channel, s.after_seconds, s.at_minute, s.due_at, 0
  from steps s join taken t on t.row = s.row
), told as (
  insert into activity_event (account_id, location_id, customer_id, invitation_id, kind, occurred_at, actor, actor_kind)
  select $2, $3, t.customer_id, t.invitation_id, 'INVITED', $6, $9, 'MEMBER' from taken t
)
update customer c set latest_invitation_id = t.invitation_id, invited_on = $6, source = $7, import_name = $8,
  employee = t.employee, service = t.service
from taken t where c.id = t.customer_id
