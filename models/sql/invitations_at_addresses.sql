-- Which invitations of an account are in these states and go to a customer with one of these addresses ($1 account, $2 channels,
-- $3 addresses, $4 states)?
with asked as materialized (
  select channel, public.plaudit_mailbox(address) as mailbox from unnest($2::text[], $3::text[]) as a (channel, address))
select i.id from asked a
join customer c on c.account_id = $1
  and ((a.channel = 'EMAIL' and c.mailbox = a.mailbox) or (a.channel = 'SMS' and c.phone = a.mailbox))
join invitation i on i.customer_id = c.id and i.state = any($4::text[])
group by i.id
