-- Creates the customers that do not exist yet ($1 import, $2 rows, $3 account, $4 location, $5 source, $6 now).
insert into customer (id, account_id, location_id, first_name, last_name, email, phone, phone_national, source, invited_on, created_at)
select r.customer_id, $3, $4, r.first_name, r.last_name, r.email, r.phone, r.phone_national, $5, $6, $6
from import_row r
where r.bulk_import_id = $1 and r.row = any($2::int[]) and not exists (select 1 from customer c where c.id = r.customer_id)
order by r.row
