-- Marks the first message of invitations as sent ($1 invitations, $2 times): ends their reservations and sets the date in the table.
with sent as (
  update invitation i set first_sent_at = s.at, invited_on = s.at, reserved_cycle = null
  from unnest($1::uuid[], $2::timestamptz[]) as s (id, at) where i.id = s.id
  returning i.id, i.customer_id, i.invited_on
)
update customer c set invited_on = sent.invited_on from sent where c.id = sent.customer_id and c.latest_invitation_id = sent.id
