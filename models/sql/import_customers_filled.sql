-- Fills in blanks of existing customers; never overwrites an e-mail address ($1 import, $2 rows).
-- A name is filled in only as a whole.
update customer c set
  first_name = case when coalesce(c.first_name, c.last_name) is null then r.first_name else c.first_name end,
  last_name = case when coalesce(c.first_name, c.last_name) is null then r.last_name else c.last_name end,
  email = coalesce(c.email, r.email),
  phone_national = case when c.phone is null then r.phone_national else c.phone_national end,
  phone = coalesce(c.phone, r.phone)
from import_row r where r.bulk_import_id = $1 and r.row = any($2::int[]) and c.id = r.customer_id
