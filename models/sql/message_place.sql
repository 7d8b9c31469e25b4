-- Which invitation, account, location and customer does this message belong to ($1 message)?
select m.id as message_id, m.invitation_id, i.account_id, i.location_id, i.customer_id, m.channel, m.state
from message m join invitation i on i.id = m.invitation_id
where m.id = $1
