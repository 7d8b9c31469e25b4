-- The e-mail addresses and phones of rows as the file has them ($1 import, $2 rows, $3 position of the e-mail address among the cells,
-- from 1, $4 that of the phone).
select row, cells[$3::int] as email, cells[$4::int] as phone from import_row where bulk_import_id = $1 and row = any($2::int[])
