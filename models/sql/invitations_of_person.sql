-- Where is an invitation to these addresses open, and when and where was the last one sent ($1 account, $2 channels, $3 addresses,
-- $4 open states, $5 location that is preferred if there are several)?
with asked as materialized (
  select channel, public.plaudit_mailbox(address) as mailbox from unnest($2::text[], $3::text[]) as a (channel, address))
select (array_agg(i.location_id order by i.location_id = $5 desc) filter (where i.state = any($4::text[])))[1] as open_at,
  max(i.first_sent_at) as last_sent_at,
  (array_agg(i.location_id order by i.first_sent_at desc nulls last, i.location_id = $5 desc))[1] as last_sent_at_location
from asked a
join customer c on c.account_id = $1
  and ((a.channel = 'EMAIL' and c.mailbox = a.mailbox) or (a.channel = 'SMS' and c.phone = a.mailbox))
join invitation i on i.customer_id = c.id and a.channel = any(i.channels)
