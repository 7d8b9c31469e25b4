-- Which rows of a chunk are not to be invited, and why ($1 import, $2 after this row, $3 up to this row, $4 account, $5 channels
-- that will be used, $6 open states, $7 invited since then is too recent or null)? The same rules as in `models/invite.py`.
with chunk as (
  select r.* from import_row r where r.bulk_import_id = $1 and r.row > $2 and r.row <= $3 and r.code is null
), addressed as (
  select c.row, a.channel, a.address,
    exists (select 1 from suppression s where s.account_id = $4 and s.channel = a.channel and s.address = a.address) as dead
  from chunk c cross join lateral (values ('EMAIL', c.email), ('SMS', c.phone)) as a (channel, address)
  where a.address is not null and a.channel = any($5::text[])
), history as (
  select a.row, bool_or(i.state = any($6::text[])) as open, max(i.first_sent_at) as last_sent_at
  from addressed a
  join customer c on c.account_id = $4
    and ((a.channel = 'EMAIL' and c.email = a.address) or (a.channel = 'SMS' and c.phone = a.address))
  join invitation i on i.customer_id = c.id and a.channel = any(i.channels)
  where not a.dead group by a.row
), judged as (
  select c.row, case
    when c.email is not null and exists (
      select 1 from import_row d where d.bulk_import_id = $1 and d.email = c.email and d.row < c.row
        and coalesce(d.code, '') not in ('MALFORMED', 'TOO_LONG', 'MISSING_CONTACT', 'INVALID_EMAIL', 'INVALID_PHONE')
    ) then 'DUPLICATE_IN_FILE'
    when c.email is null and exists (
      select 1 from import_row d where d.bulk_import_id = $1 and d.phone = c.phone and d.row < c.row
        and coalesce(d.code, '') not in ('MALFORMED', 'TOO_LONG', 'MISSING_CONTACT', 'INVALID_EMAIL', 'INVALID_PHONE')
    ) then 'DUPLICATE_IN_FILE'
    when (select bool_and(a.dead) from addressed a where a.row = c.row) then 'SUPPRESSED'
    when h.open then 'ALREADY_ACTIVE'
    when h.last_sent_at > $7::timestamptz then 'RECENTLY_INVITED'
  end as code
  from chunk c left join history h on h.row = c.row
)
update import_row r set code = judged.code from judged
where r.bulk_import_id = $1 and r.row = judged.row and judged.code is not null
