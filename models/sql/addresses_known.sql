-- What is known of addresses ($1 e-mail addresses, $2 phones, each once; $3 account, $4 location, $5 channels that matter, $6 open states):
-- the location's customer with the address, and the phone of who has the e-mail address; whether the address is suppressed; where an
-- invitation to it is open (here, if there are several); and when and where the last one was sent.
-- Each question is an aggregate, which PostgreSQL answers for one address at a time, by the index of addresses, even if it knows nothing of
-- tables that have just grown. A join it would plan as it likes: it compared each address with all customers. "offset 0" lets it compute
-- each mailbox once.
select 'EMAIL' as channel, a.email as address, k.*,
  'EMAIL' = any($5::text[]) and exists (
    select from suppression s where s.account_id = $3 and s.channel = 'EMAIL'
      and s.address_key = any(public.plaudit_address_keys(a.email))) as is_suppressed
from (select email, public.plaudit_mailbox(email) as mailbox from unnest($1::text[]) as a (email) offset 0) a
cross join lateral (
  select (array_agg(c.id) filter (where c.location_id = $4 and c.email = a.email))[1] as customer_id,
    (array_agg(c.phone) filter (where c.location_id = $4 and c.email = a.email))[1] as phone,
    (array_agg(i.location_id order by i.location_id = $4 desc) filter (where i.state = any($6::text[])))[1] as open_at,
    max(i.first_sent_at) as sent_at,
    (array_agg(i.location_id order by i.first_sent_at desc nulls last, i.location_id = $4 desc))[1] as sent_from
  from customer c left join invitation i on i.customer_id = c.id and 'EMAIL' = any(i.channels) and 'EMAIL' = any($5::text[])
  where c.account_id = $3 and c.mailbox = a.mailbox
) k
union all
select 'SMS', a.phone, k.*,
  'SMS' = any($5::text[]) and exists (
    select from suppression s where s.account_id = $3 and s.channel = 'SMS' and s.address_key = public.plaudit_address_key(a.phone))
from unnest($2::text[]) as a (phone)
cross join lateral (
  select (array_agg(c.id) filter (where c.location_id = $4 and c.email is null))[1], a.phone,
    (array_agg(i.location_id order by i.location_id = $4 desc) filter (where i.state = any($6::text[])))[1],
    max(i.first_sent_at),
    (array_agg(i.location_id order by i.first_sent_at desc nulls last, i.location_id = $4 desc))[1]
  from customer c left join invitation i on i.customer_id = c.id and 'SMS' = any(i.channels) and 'SMS' = any($5::text[])
  where c.account_id = $3 and c.phone = a.phone
) k
