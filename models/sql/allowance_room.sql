-- How much of an account's and of a location's allowance is used in a cycle ($1 account, $2 location, $3 cycle, $4 current cycle)?
-- Reservations of past cycles count in the current one.
select
  coalesce((select sum(invitations) from boost where account_id = $1 and cycle_starts_on = $3), 0)::int as boosted,
  coalesce((select sum(case when cycle_starts_on = $3 then invited + reserved else reserved end) from account_usage
            where account_id = $1 and (cycle_starts_on = $3 or ($3 = $4 and cycle_starts_on < $4))), 0)::int as taken,
  (select allowance from location where id = $2) as location_allowance,
  coalesce((select sum(case when cycle_starts_on = $3 then invited + reserved else reserved end) from location_usage
            where account_id = $1 and location_id = $2 and (cycle_starts_on = $3 or ($3 = $4 and cycle_starts_on < $4))), 0)::int
    as location_taken
