-- Matches rows to customers ($1 import, $2 rows, $3 account, $4 location): by e-mail, or else by phone among customers without
-- an e-mail address; of several rows with one phone, only the first matches. Unmatched rows get the key of a new customer.
with chunk as materialized (
  select r.row, r.phone,
    (select c.id from customer c where c.account_id = $3 and c.location_id = $4 and c.email = r.email) as by_email,
    (select c.id from customer c
     where c.account_id = $3 and c.location_id = $4 and c.email is null and c.phone = r.phone) as by_phone
  from import_row r where r.bulk_import_id = $1 and r.row = any($2::int[])
), ranked as (
  select k.*, row_number() over (partition by k.by_phone order by (k.by_email is not null), k.row) as place from chunk k
)
update import_row r
set customer_id = coalesce(k.by_email, case when k.place = 1 then k.by_phone end, uuidv7())
from ranked k
where r.bulk_import_id = $1 and r.row = k.row
