-- Is an invitation to these addresses open, and when was the last one sent ($1 account, $2 channels, $3 addresses, $4 open states);
-- and what of it lies at locations that the asker sees ($5 these, null: all)?
select coalesce(bool_or(i.state = any($4::text[])), false) as open, max(i.first_sent_at) as last_sent_at,
  coalesce(bool_or(i.state = any($4::text[])) filter (where $5::uuid[] is null or i.location_id = any($5::uuid[])), false) as open_seen,
  max(i.first_sent_at) filter (where $5::uuid[] is null or i.location_id = any($5::uuid[])) as last_seen
from unnest($2::text[], $3::text[]) as a (channel, address)
join customer c on c.account_id = $1
  and ((a.channel = 'EMAIL' and c.email = a.address) or (a.channel = 'SMS' and c.phone = a.address))
join invitation i on i.customer_id = c.id and a.channel = any(i.channels)
