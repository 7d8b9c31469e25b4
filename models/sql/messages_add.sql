-- Creates the messages of an invitation ($1 account, $2 location, $3 invitation, $4 state; arrays: $5 lanes, $6 templates, $7 steps,
-- $8 channels, $9 seconds after the first step, $10 minutes of the day or null, $11 due times).
insert into message (account_id, location_id, invitation_id, state, lane_id, template_id, step, channel, after_seconds, at_minute, due_at,
  attempts)
select $1, $2, $3, $4, m.*, 0
from unnest($5::uuid[], $6::uuid[], $7::smallint[], $8::text[], $9::int[], $10::smallint[], $11::timestamptz[])
  as m (lane_id, template_id, step, channel, after_seconds, at_minute, due_at)
