-- Stores who turned out to have caused events ($1 events, $2 kind of actor, $3 now). A human, who is proven, stays one.
insert into event_verdict (event_id, account_id, actor_kind, decided_at)
select e.id, e.account_id, $2, $3 from activity_event e where e.id = any($1::uuid[])
on conflict (event_id) do update set actor_kind = excluded.actor_kind, decided_at = excluded.decided_at
where event_verdict.actor_kind <> 'HUMAN'
