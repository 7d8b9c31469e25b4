-- Adds to the counters of locations ($1 accounts, $2 locations, $3 cycles, $4 invited, $5 reserved; $4 and $5 may be negative).
with moved as (
  select account_id, location_id, cycle, sum(invited)::int as invited, sum(reserved)::int as reserved
  from unnest($1::uuid[], $2::uuid[], $3::date[], $4::int[], $5::int[]) as m (account_id, location_id, cycle, invited, reserved)
  group by account_id, location_id, cycle
), updated as (
  update location_usage u set invited = u.invited + moved.invited, reserved = u.reserved + moved.reserved
  from moved where u.account_id = moved.account_id and u.location_id = moved.location_id and u.cycle_starts_on = moved.cycle
  returning u.account_id, u.location_id, u.cycle_starts_on
)
insert into location_usage (account_id, location_id, cycle_starts_on, invited, reserved)
select account_id, location_id, cycle, invited, reserved from moved
where (account_id, location_id, cycle) not in (select account_id, location_id, cycle_starts_on from updated)
