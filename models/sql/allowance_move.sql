-- Adds to the counters of locations, of their accounts, and of the summary rows of agency clients ($1 accounts, $2 locations, $3 cycles,
-- $4 invited, $5 reserved; $4 and $5 may be negative).
-- Updates first: an upsert would fail, since PostgreSQL checks the constraints of the row to insert, and its counts may be negative.
with moved as (
  select account_id, location_id, cycle, sum(invited)::int as invited, sum(reserved)::int as reserved
  from unnest($1::uuid[], $2::uuid[], $3::date[], $4::int[], $5::int[]) as m (account_id, location_id, cycle, invited, reserved)
  group by account_id, location_id, cycle
), summed as (
  select account_id, cycle, sum(invited)::int as invited, sum(reserved)::int as reserved from moved group by account_id, cycle
), account as (
  update account_usage u set invited = u.invited + s.invited, reserved = u.reserved + s.reserved
  from summed s where u.account_id = s.account_id and u.cycle_starts_on = s.cycle
  returning u.account_id, u.cycle_starts_on
), client as (
  update agency_client c set invited = c.invited + s.invited
  from summed s where c.account_id = s.account_id and c.cycle_starts_on = s.cycle and s.invited <> 0
), new_account as (
  insert into account_usage (account_id, cycle_starts_on, invited, reserved)
  select account_id, cycle, invited, reserved from summed
  where (account_id, cycle) not in (select account_id, cycle_starts_on from account)
), location as (
  update location_usage u set invited = u.invited + m.invited, reserved = u.reserved + m.reserved
  from moved m where u.account_id = m.account_id and u.location_id = m.location_id and u.cycle_starts_on = m.cycle
  returning u.account_id, u.location_id, u.cycle_starts_on
)
insert into location_usage (account_id, location_id, cycle_starts_on, invited, reserved)
select account_id, location_id, cycle, invited, reserved from moved
where (account_id, location_id, cycle) not in (select account_id, location_id, cycle_starts_on from location)
