-- Pauses lanes whose sender the relay refuses, each time twice as long ($1 lanes, $2 the relay's replies, $3 now).
-- Their tokens become negative, so that lanes woken early still send nothing until the pause is over.
update lane la set refusals = least(la.refusals + 1, 100), tokens = 1 - la.rate * w.seconds, refilled_at = $3::timestamptz,
  next_due = $3::timestamptz + make_interval(secs => w.seconds),
  quiet_since = coalesce(la.quiet_since, $3::timestamptz), reply = w.reply
from (select id, said.reply, least(60 * 2 ^ least(refusals, 6), 3600)::float8 as seconds
  from lane join unnest($1::uuid[], $2::text[]) as said (lane_id, reply) on said.lane_id = lane.id
  where tokens + rate * extract(epoch from $3::timestamptz - refilled_at) >= 0) w
where la.id = w.id
