-- Pauses lanes whose sender the relay refuses, each time twice as long ($1 lanes, $2 now).
-- Their tokens become negative, so that lanes woken early still send nothing until the pause is over.
update lane la set refusals = least(la.refusals + 1, 100), tokens = 1 - la.rate * w.seconds, refilled_at = $2::timestamptz,
  next_due = $2::timestamptz + make_interval(secs => w.seconds)
from (select id, least(60 * 2 ^ least(refusals, 6), 3600)::float8 as seconds from lane
  where id = any($1::uuid[]) and tokens + rate * extract(epoch from $2::timestamptz - refilled_at) >= 0) w
where la.id = w.id
