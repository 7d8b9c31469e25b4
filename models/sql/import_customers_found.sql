-- Whose rows are these ($1 import, $2 rows, $3 account, $4 location)? By e-mail; else by phone among customers without one,
-- where the first row of a phone has it. Rows of nobody get the key of a customer yet to be made.
with chunk as (
  select r.row, r.email, r.phone from import_row r where r.bulk_import_id = $1 and r.row = any($2::int[])
), by_email as (
  select k.row, c.id from chunk k join customer c on c.account_id = $3 and c.location_id = $4 and c.email = k.email
), by_phone as (
  select distinct on (c.id) k.row, c.id from chunk k
  join customer c on c.account_id = $3 and c.location_id = $4 and c.email is null and c.phone = k.phone
  where k.row not in (select row from by_email) order by c.id, k.row
), found as (
  select row, id from by_email union all select row, id from by_phone
)
update import_row r set customer_id = coalesce(f.id, uuidv7())
from chunk k left join found f on f.row = k.row
where r.bulk_import_id = $1 and r.row = k.row
