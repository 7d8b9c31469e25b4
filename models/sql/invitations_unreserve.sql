-- Clears the reservations of invitations ($1 invitations), except while a message is being handed over, or may have been sent, since
-- it will be charged if it was; returns the keys of those cleared.
update invitation i set reserved_cycle = null
where i.id = any($1::uuid[]) and i.reserved_cycle is not null
  and not exists (select 1 from message m where m.invitation_id = i.id and m.state in ('SENDING', 'UNKNOWN'))
returning i.id
