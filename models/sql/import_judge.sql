-- Marks the rows of a chunk that must not be invited, with the reason ($1 import, $2 after this row, $3 up to this row, $4 account,
-- $5 channels of the usable steps, $6 open states, $7 invitations sent after this are too recent, or null, $8 location).
-- Reasons at other locations are flagged, since not every viewer of the import may see those. Same rules as `models/commands/invite.py`.
-- Uses lateral index lookups per row: rows just copied in have no statistics for planning a join.
update import_row r set code = judged.code, elsewhere = judged.elsewhere
from (
  select c.row, not twice.found and (a.email_alive or a.phone_alive)
    and not coalesce(case when h.open then h.open_here else h.last_sent_here > $7::timestamptz end, false) as elsewhere, case
    when twice.found then 'DUPLICATE_IN_FILE'
    when not a.email_alive and not a.phone_alive then 'SUPPRESSED'
    when h.open then 'ALREADY_ACTIVE'
    when h.last_sent_at > $7::timestamptz then 'RECENTLY_INVITED'
  end as code
  from import_row c
  cross join lateral (
    select exists (
      select 1 from import_row d where d.bulk_import_id = $1 and d.row < c.row and d.mailbox = c.mailbox
        and coalesce(d.code, '') not in ('MALFORMED', 'TOO_LONG', 'MISSING_CONTACT', 'INVALID_EMAIL', 'INVALID_PHONE')
    ) or c.email is null and exists (
      select 1 from import_row d where d.bulk_import_id = $1 and d.row < c.row and d.phone = c.phone
        and coalesce(d.code, '') not in ('MALFORMED', 'TOO_LONG', 'MISSING_CONTACT', 'INVALID_EMAIL', 'INVALID_PHONE')
    ) as found
  ) twice
  cross join lateral (
    select
      c.email is not null and 'EMAIL' = any($5::text[]) and not exists (
        select 1 from suppression s where s.account_id = $4 and s.channel = 'EMAIL'
          and s.address_key = any(public.plaudit_address_keys(c.email))) as email_alive,
      c.phone is not null and 'SMS' = any($5::text[]) and not exists (
        select 1 from suppression s where s.account_id = $4 and s.channel = 'SMS' and s.address_key = public.plaudit_address_key(c.phone)) as phone_alive
  ) a
  cross join lateral (
    select bool_or(i.state = any($6::text[])) as open, max(i.first_sent_at) as last_sent_at,
      bool_or(i.state = any($6::text[])) filter (where i.location_id = $8) as open_here,
      max(i.first_sent_at) filter (where i.location_id = $8) as last_sent_here
    from (
      select k.id, 'EMAIL' as channel from customer k where a.email_alive and k.account_id = $4 and k.mailbox = c.mailbox
      union all
      select k.id, 'SMS' from customer k where a.phone_alive and k.account_id = $4 and k.phone = c.phone
    ) known join invitation i on i.customer_id = known.id and known.channel = any(i.channels)
  ) h
  where c.bulk_import_id = $1 and c.row > $2 and c.row <= $3 and c.code is null
) judged
where r.bulk_import_id = $1 and r.row = judged.row and judged.code is not null
