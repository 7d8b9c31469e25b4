-- Fills in blanks of existing customers; never overwrites an e-mail address ($1 import; by row: $2 rows,
-- $3 zones and $4 their spreads, of the phones that the customers then have). A name is filled in only as a whole.
-- Returns the customers whose zone has changed.
with told as (
  select r.*, z.zone, z.spread, c.time_zone as old_zone, c.zone_spread as old_spread
  from unnest($2::int[], $3::text[], $4::smallint[]) as z (row, zone, spread)
  join import_row r on r.bulk_import_id = $1 and r.row = z.row
  join customer c on c.id = r.customer_id
)
update customer c set
  first_name = case when coalesce(c.first_name, c.last_name) is null then r.first_name else c.first_name end,
  last_name = case when coalesce(c.first_name, c.last_name) is null then r.last_name else c.last_name end,
  email = coalesce(c.email, r.email),
  phone_national = case when c.phone is null then r.phone_national else c.phone_national end,
  phone = coalesce(c.phone, r.phone),
  time_zone = r.zone, zone_spread = case when coalesce(c.phone, r.phone) is not null then r.spread end
from told r where c.id = r.customer_id
returning c.id, (r.old_zone, coalesce(r.old_spread, 0)) is distinct from (r.zone, r.spread) as moved
