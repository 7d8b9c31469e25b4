-- What is known of people to invite, by number ($1 numbers, $2 e-mail addresses or null, $3 phones or null, $4 account, $5 location,
-- $6 channels that matter, $7 open states): the location's customer with the address, whether an address is suppressed, where an
-- invitation to it is open (here, if there are several), and when and where the last one was sent; and keys for a new customer and
-- invitation. One index lookup per question and row, whatever the planner knows of the tables: "is not distinct from" leaves only one
-- index to choose from, where it would take any that begins with account and location for as good.
with asked as materialized (
  select *, public.plaudit_mailbox(email) as mailbox from unnest($1::int[], $2::text[], $3::text[]) as a (n, email, phone)
)
select a.n, uuidv7() as customer_key, uuidv7() as invitation_key,
  by_email.id as by_email, by_email.phone as phone_of_email, by_phone.id as by_phone,
  'EMAIL' = any($6::text[]) and exists (
    select from suppression s where s.account_id = $4 and s.channel = 'EMAIL'
      and s.address_key = any(public.plaudit_address_keys(a.email))) as email_suppressed,
  'SMS' = any($6::text[]) and exists (
    select from suppression s where s.account_id = $4 and s.channel = 'SMS'
      and s.address_key = public.plaudit_address_key(a.phone)) as phone_suppressed,
  e.open_at as email_open_at, e.sent_at as email_sent_at, e.sent_from as email_sent_from,
  p.open_at as phone_open_at, p.sent_at as phone_sent_at, p.sent_from as phone_sent_from
from asked a
left join lateral (
  select id, phone from customer c where c.account_id = $4 and c.mailbox = a.mailbox and c.email = a.email and c.location_id is not distinct from $5) by_email on true
left join lateral (
  select id from customer c where c.account_id = $4 and c.phone = a.phone and c.email is null and c.location_id is not distinct from $5) by_phone on true
cross join lateral (
  select (array_agg(i.location_id order by i.location_id = $5 desc) filter (where i.state = any($7::text[])))[1] as open_at,
    max(i.first_sent_at) as sent_at,
    (array_agg(i.location_id order by i.first_sent_at desc nulls last, i.location_id = $5 desc))[1] as sent_from
  from customer c join invitation i on i.customer_id = c.id and 'EMAIL' = any(i.channels)
  where 'EMAIL' = any($6::text[]) and c.account_id = $4 and c.mailbox = a.mailbox
) e
cross join lateral (
  select (array_agg(i.location_id order by i.location_id = $5 desc) filter (where i.state = any($7::text[])))[1] as open_at,
    max(i.first_sent_at) as sent_at,
    (array_agg(i.location_id order by i.first_sent_at desc nulls last, i.location_id = $5 desc))[1] as sent_from
  from customer c join invitation i on i.customer_id = c.id and 'SMS' = any(i.channels)
  where 'SMS' = any($6::text[]) and c.account_id = $4 and c.phone = a.phone
) p
order by a.n
