-- Holds the lanes of a location that must not send now ($1 location, $2 now).
update lane la set flag = f.flag, flagged_at = coalesce(la.flagged_at, $2::timestamptz)
from lane own join location l on l.id = own.location_id left join bulk_import b on b.id = own.bulk_import_id
  cross join lateral (select public.plaudit_lane_flag(own.channel, l.held_by, l.sender_complete, b.state) as flag) f
where own.location_id = $1 and la.id = own.id and f.flag is not null and la.flag is distinct from f.flag
