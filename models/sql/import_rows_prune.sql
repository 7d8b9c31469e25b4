-- Deletes rows of imports that ended before a time, and counts them ($1 time, $2 at most this many imports, $3 and rows of each).
-- Loose index scan for the imports that still have rows: they stay few, while the number of all imports grows.
with recursive read as (
  (select bulk_import_id as id from import_row order by bulk_import_id limit 1)
  union all
  select (select r.bulk_import_id from import_row r where r.bulk_import_id > read.id order by r.bulk_import_id limit 1)
  from read where read.id is not null
), old as materialized (
  select read.id, (select min(r.row) from import_row r where r.bulk_import_id = read.id) as first
  from read join bulk_import b on b.id = read.id where b.finished_at < $1 limit $2
), gone as (
  delete from import_row r using old where r.bulk_import_id = old.id and r.row < old.first + $3 returning 1
)
select count(*) from gone
