-- Which row of a list is the first with the mailbox of these rows, and which with their phone ($1 import, $2 rows, $3 codes of rows that do
-- not count)? Each mailbox and phone is looked up once, however many rows have it. "+ 0" stops the planner from reading the list from its
-- beginning.
select 'EMAIL' as channel, array_agg(r.row) as rows, (
    select min(d.row + 0) from import_row d
    where d.bulk_import_id = $1 and d.mailbox = r.mailbox and coalesce(d.code, '') <> all($3::text[])) as first
from import_row r where r.bulk_import_id = $1 and r.row = any($2::int[]) and r.mailbox is not null group by r.mailbox
union all
select 'SMS', array_agg(r.row), (
    select min(d.row + 0) from import_row d
    where d.bulk_import_id = $1 and d.phone = r.phone and coalesce(d.code, '') <> all($3::text[]))
from import_row r where r.bulk_import_id = $1 and r.row = any($2::int[]) and r.phone is not null group by r.phone
