-- Releases the lanes of a resumed import, whose messages have been delayed already ($1 import, $2 now); not those that its location
-- holds, which wait for that from now on.
update lane la set flagged_at = case when f.flag is not null then $2::timestamptz end, flag = f.flag,
  next_due = (select min(m.due_at) from message m where m.lane_id = la.id and m.state in ('SCHEDULED', 'DEFERRED'))
from lane own join location l on l.id = own.location_id join bulk_import b on b.id = own.bulk_import_id
  cross join lateral (select public.plaudit_lane_flag(own.channel, l.held_by, l.sender_complete, b.state) as flag) f
where own.bulk_import_id = $1 and la.id = own.id
