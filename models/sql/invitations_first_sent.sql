-- The first message of these has been sent ($1 keys, $2 times): from now on they count, and the table shows that day.
with sent as (
  update invitation i set first_sent_at = s.at, invited_on = s.at, reserved_cycle = null
  from unnest($1::uuid[], $2::timestamptz[]) as s (id, at) where i.id = s.id
  returning i.id, i.customer_id, i.invited_on
)
update customer c set invited_on = sent.invited_on from sent where c.id = sent.customer_id and c.latest_invitation_id = sent.id
