-- What is used of an account's allowance ($1 account, $2 present cycle, $3 locations to count or null for all, $4 a location or null)?
-- Reservations of a cycle that is over count in the present one.
select
  coalesce((select invited from account_usage where account_id = $1 and cycle_starts_on = $2), 0) as invited,
  coalesce((select sum(reserved) from account_usage where account_id = $1 and cycle_starts_on <= $2), 0)::int as reserved,
  coalesce((select sum(invitations) from boost where account_id = $1 and cycle_starts_on = $2), 0)::int as boosted,
  coalesce((select sum(invited) from location_usage where account_id = $1 and cycle_starts_on = $2
            and ($3::uuid[] is null or location_id = any($3::uuid[]))), 0)::int as invited_here,
  (select allowance from location where id = $4::uuid and account_id = $1) as location_allowance
