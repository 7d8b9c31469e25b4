-- Finds a location's customer by e-mail or phone and fills in blanks, or creates the customer. A name is filled in only as a whole
-- ($1 account, $2 location, $3 first name, $4 last name, $5 e-mail, $6 phone, $7 phone in national format, $8 source, $9 now,
-- $10 zone and $11 its spread, of the phone that the customer then has). Says whether the zone of an existing customer has changed.
with found as (
  select id, time_zone, zone_spread from (
    select id, time_zone, zone_spread, 1 as rank from customer where account_id = $1 and location_id = $2 and email = $5
    union all
    select id, time_zone, zone_spread, 2 from customer where account_id = $1 and location_id = $2 and email is null and phone = $6
  ) candidates order by rank limit 1
), filled as (
  update customer c set
    first_name = case when coalesce(c.first_name, c.last_name) is null then $3 else c.first_name end,
    last_name = case when coalesce(c.first_name, c.last_name) is null then $4 else c.last_name end,
    email = coalesce(c.email, $5),
    phone_national = case when c.phone is null then $7 else c.phone_national end, phone = coalesce(c.phone, $6),
    time_zone = $10, zone_spread = case when coalesce(c.phone, $6) is not null then $11::smallint end
  from found where c.id = found.id
  returning c.id, (found.time_zone, coalesce(found.zone_spread, 0)) is distinct from ($10::text, $11::smallint) as moved
), made as (
  insert into customer (account_id, location_id, first_name, last_name, email, phone, phone_national, source, invited_on, created_at,
    time_zone, zone_spread)
  select $1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, case when $6::text is not null then $11::smallint end where not exists (select 1 from found)
  returning id
)
select id, moved from filled union all select id, false from made
