-- Fills the blanks of customers that are known; an e-mail is never overwritten ($1 import, $2 rows).
update customer c set
  first_name = coalesce(c.first_name, r.first_name), last_name = coalesce(c.last_name, r.last_name),
  email = coalesce(c.email, r.email),
  phone_national = case when c.phone is null then r.phone_national else c.phone_national end,
  phone = coalesce(c.phone, r.phone)
from import_row r where r.bulk_import_id = $1 and r.row = any($2::int[]) and c.id = r.customer_id
