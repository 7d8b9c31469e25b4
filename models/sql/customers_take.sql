-- Makes people a location's customers, each with the invitation that is created for them: creates the new ones, and fills in blanks of
-- the others. An e-mail address is never overwritten, and a name is filled in only as a whole. Returns the customers whose zone has
-- changed ($1 account, $2 location, $3 source, $4 name of the list or null, $5 now; arrays: $6 customers, $7 whether they are new,
-- $8 invitations, $9 first names, $10 last names, $11 e-mail addresses, $12 phones, $13 phones in national format, $14 employees,
-- $15 services, $16 zones and $17 their spreads, of the phones that they then have).
with given as materialized (
  select * from unnest($6::uuid[], $7::bool[], $8::uuid[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
    $15::text[], $16::text[], $17::smallint[])
    as g (id, is_new, invitation_id, first_name, last_name, email, phone, phone_national, employee, service, zone, spread)
), made as (
  insert into customer (id, account_id, location_id, first_name, last_name, email, phone, phone_national, time_zone, zone_spread, source,
    import_name, employee, service, invited_on, created_at, latest_invitation_id)
  select id, $1, $2, first_name, last_name, email, phone, phone_national, zone, case when phone is not null then spread end, $3,
    $4, employee, service, $5, $5, invitation_id
  from given where is_new
), known as (
  select g.*, o.time_zone as old_zone, o.zone_spread as old_spread from given g join customer o on o.id = g.id where not g.is_new
), filled as (
  update customer c set
    first_name = case when coalesce(c.first_name, c.last_name) is null then k.first_name else c.first_name end,
    last_name = case when coalesce(c.first_name, c.last_name) is null then k.last_name else c.last_name end,
    email = coalesce(c.email, k.email),
    phone_national = case when c.phone is null then k.phone_national else c.phone_national end,
    phone = coalesce(c.phone, k.phone),
    time_zone = k.zone, zone_spread = case when coalesce(c.phone, k.phone) is not null then k.spread end,
    source = $3, import_name = $4, employee = k.employee, service = k.service, invited_on = $5, latest_invitation_id = k.invitation_id
  from known k where c.id = k.id
  returning c.id, (k.old_zone, coalesce(k.old_spread, 0)) is distinct from (k.zone, k.spread) as moved
)
select id from filled where moved
