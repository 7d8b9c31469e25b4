-- Fills in blanks of customers who are invited again, and notes the invitation as their latest. An e-mail address is never overwritten,
-- and a name is filled in only as a whole. Returns the customers whose zone has changed ($1 source, $2 name of the list or null, $3 now;
-- arrays: $4 customers, $5 invitations, $6 first names, $7 last names, $8 e-mail addresses, $9 phones, $10 phones in national format,
-- $11 employees, $12 services, $13 zones and $14 their spreads, of the phones that they then have).
with given as materialized (
  select * from unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
    $13::text[], $14::smallint[])
    as g (id, invitation_id, first_name, last_name, email, phone, phone_national, employee, service, zone, spread)
), known as (
  select g.*, o.time_zone as old_zone, o.zone_spread as old_spread from given g join customer o on o.id = g.id
), filled as (
  update customer c set
    first_name = case when coalesce(c.first_name, c.last_name) is null then k.first_name else c.first_name end,
    last_name = case when coalesce(c.first_name, c.last_name) is null then k.last_name else c.last_name end,
    email = coalesce(c.email, k.email),
    phone_national = case when c.phone is null then k.phone_national else c.phone_national end,
    phone = coalesce(c.phone, k.phone),
    time_zone = k.zone, zone_spread = case when coalesce(c.phone, k.phone) is not null then k.spread end,
    source = $1, import_name = $2, employee = k.employee, service = k.service, invited_on = $3, latest_invitation_id = k.invitation_id
  from known k where c.id = k.id
  returning c.id, (k.old_zone, coalesce(k.old_spread, 0)) is distinct from (k.zone, k.spread) as moved
)
select id from filled where moved
