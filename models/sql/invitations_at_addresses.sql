-- Which invitations of an account are in these states and go to a customer with one of these addresses ($1 account, $2 channels,
-- $3 addresses, $4 states)?
select i.id from unnest($2::text[], $3::text[]) as a (channel, address)
join customer c on c.account_id = $1
  and ((a.channel = 'EMAIL' and c.email = a.address) or (a.channel = 'SMS' and c.phone = a.address))
join invitation i on i.customer_id = c.id and i.state = any($4::text[])
group by i.id
