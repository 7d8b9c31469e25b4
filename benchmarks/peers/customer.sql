-- One customer ($2) of an account ($1) in detail; asked by the floor and by mercurius.
select a.time_zone, c.id, c.first_name, c.last_name, c.email, c.phone, c.invited_on, c.source, c.nps_score,
  l.id as l_id, l.name as l_name, l.time_zone as l_time_zone,
  r.id as r_id, r.reviewer_name, r.reviewed_on, r.rating, r.text, r.sentiment, r.reply_url, p.key as p_key, p.name as p_name,
  i.id as i_id, case when n.held_by is not null then 'HELD' else i.state end as state,
  case when n.held_by is not null then n.reply end as reply, n.due_at, i.employee, i.service, i.import_name
from customer c join account a on a.id = c.account_id
join location l on l.id = c.location_id
join invitation i on i.id = c.latest_invitation_id
left join review r on r.id = c.latest_review_id
left join review_platform p on p.id = r.platform_id
left join lateral (
  select m.due_at, la.held_by, la.reply from message m join lane la on la.id = m.lane_id
  where m.invitation_id = i.id and m.state in ('SCHEDULED', 'CLAIMED', 'DEFERRED') order by m.step limit 1
) n on i.state in ('QUEUED', 'ACTIVE')
where c.account_id = $1 and c.id = $2
