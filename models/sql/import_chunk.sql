-- The rows of a chunk that nothing is wrong with, in file order, and whether an earlier row is the same person: has the same mailbox, or
-- the same phone where there is no address or messages go to phones ($1 import, $2 after this row, $3 up to this row, $4 codes of rows
-- that do not count, $5 whether messages go to phones). One index lookup per question and row: rows just copied in have no statistics for
-- planning a join.
select r.row, r.first_name, r.last_name, r.email, r.phone, r.phone_national, r.employee, r.service,
  exists (
    select from import_row d where d.bulk_import_id = $1 and d.row < r.row and d.mailbox = r.mailbox
      and coalesce(d.code, '') <> all($4::text[])
  ) or (r.email is null or $5) and exists (
    select from import_row d where d.bulk_import_id = $1 and d.row < r.row and d.phone = r.phone
      and coalesce(d.code, '') <> all($4::text[])
  ) as twice
from import_row r where r.bulk_import_id = $1 and r.row > $2 and r.row <= $3 and r.code is null order by r.row
