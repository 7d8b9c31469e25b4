-- Holds the e-mail lanes of a location that must not send now ($1 location, $2 now).
update lane la set flag = f.flag, flagged_at = coalesce(la.flagged_at, $2::timestamptz)
from location l cross join lateral (
  select coalesce(l.held_by, case when not l.sender_complete then 'SENDER_INCOMPLETE' end) as flag
) f
where la.location_id = $1 and l.id = $1 and la.channel = 'EMAIL' and f.flag is not null and la.flag is distinct from f.flag
