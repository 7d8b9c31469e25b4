-- The events of a customer ($1) on the latest days ($3) with events, in a time zone ($2); asked by the floor and by mercurius.
select * from (
  select (e.occurred_at at time zone $2)::date as day, e.id, e.kind, e.occurred_at, e.channel, e.nps_score, e.feedback, e.actor,
    coalesce(v.actor_kind, case when e.actor_kind = 'UNKNOWN' and e.kind = 'LINK_CLICKED' and m.human_at >= e.occurred_at
      then 'HUMAN' else e.actor_kind end) as actor_kind,
    p.key, p.name, dense_rank() over (order by (e.occurred_at at time zone $2)::date desc) as number
  from activity_event e
  left join review_platform p on p.id = e.platform_id
  left join message m on m.id = e.message_id
  left join event_verdict v on v.event_id = e.id
  where e.customer_id = $1
) numbered where number <= $3 order by occurred_at desc, id desc
