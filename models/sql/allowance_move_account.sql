-- Adds to the counters of accounts, and to the summary rows of agency clients ($1 accounts, $2 locations (unused here),
-- $3 cycles, $4 invited, $5 reserved; $4 and $5 may be negative).
-- Updates first: an upsert would fail, since PostgreSQL checks the constraints of the row to insert, and its counts may be negative.
with moved as (
  select account_id, cycle, sum(invited)::int as invited, sum(reserved)::int as reserved
  from unnest($1::uuid[], $2::uuid[], $3::date[], $4::int[], $5::int[]) as m (account_id, location_id, cycle, invited, reserved)
  group by account_id, cycle
), updated as (
  update account_usage u set invited = u.invited + moved.invited, reserved = u.reserved + moved.reserved
  from moved where u.account_id = moved.account_id and u.cycle_starts_on = moved.cycle
  returning u.account_id, u.cycle_starts_on
), client as (
  update agency_client c set invited = c.invited + moved.invited
  from moved where c.account_id = moved.account_id and c.cycle_starts_on = moved.cycle and moved.invited <> 0
)
insert into account_usage (account_id, cycle_starts_on, invited, reserved)
select account_id, cycle, invited, reserved from moved
where (account_id, cycle) not in (select account_id, cycle_starts_on from updated)
