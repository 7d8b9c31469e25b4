-- How much of these accounts' allowances is used ($1 accounts, $2 a cycle of each, $3 whether all of an account's locations count,
-- $4 the locations that count for other accounts, $5 a location or null, $6 the current cycle of each, or none if $2 has these)?
-- Reservations of past cycles count in the current one.
select t.account_id, t.cycle, u.invited, u.reserved,
  coalesce((select sum(invitations) from boost b where b.account_id = t.account_id and b.cycle_starts_on = t.cycle), 0)::int as boosted,
  coalesce((select sum(invited) from location_usage u where u.account_id = t.account_id and u.cycle_starts_on = t.cycle
            and (t.all_locations or u.location_id = any($4::uuid[]))), 0)::int as invited_here,
  (select allowance from location l where l.id = $5::uuid and l.account_id = t.account_id) as location_allowance
from unnest($1::uuid[], $2::date[], $3::boolean[], $6::date[]) as t (account_id, cycle, all_locations, current)
cross join lateral (
  select coalesce(sum(invited) filter (where cycle_starts_on = t.cycle), 0)::int as invited,
    coalesce(sum(reserved) filter (where cycle_starts_on = t.cycle or t.cycle = coalesce(t.current, t.cycle)), 0)::int as reserved
  from account_usage where account_id = t.account_id and cycle_starts_on <= t.cycle
) u
