-- Which of these give their reservation back ($1 keys)? Not while their first message is being handed over.
update invitation i set reserved_cycle = null
where i.id = any($1::uuid[]) and i.reserved_cycle is not null
  and not exists (select 1 from message m where m.invitation_id = i.id and m.state = 'SENDING')
returning i.id
