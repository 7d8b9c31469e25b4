-- Creates the customers that do not exist yet ($1 import, $3 account, $4 location, $5 source, $6 now;
-- by row: $2 rows, $7 zones of their phones, $8 the zones' spreads).
insert into customer (id, account_id, location_id, first_name, last_name, email, phone, phone_national, source, invited_on, created_at,
  time_zone, zone_spread)
select r.customer_id, $3, $4, r.first_name, r.last_name, r.email, r.phone, r.phone_national, $5, $6, $6, z.zone,
  case when r.phone is not null then z.spread end
from unnest($2::int[], $7::text[], $8::smallint[]) as z (row, zone, spread)
join import_row r on r.bulk_import_id = $1 and r.row = z.row
where not exists (select 1 from customer c where c.id = r.customer_id)
order by r.row
