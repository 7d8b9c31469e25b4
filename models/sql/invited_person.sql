-- Who received this message, and which location sent it ($1 message, $2 how many undone suppressions of an address
-- leave no further one to undo)?
select m.sent_at, m.location_id, m.channel, l.name as location_name, l.color as location_color, l.logo as location_logo, l.language,
  c.first_name, coalesce(m.recipient, case m.channel when 'EMAIL' then c.email else c.phone end, '') as address,
  (select e.nps_score from activity_event e where e.message_id = m.id and e.kind = 'NPS_SUBMITTED'
   order by e.occurred_at desc, e.id desc limit 1) as nps_score,
  exists (select 1 from suppression s where s.account_id = m.account_id and s.channel = m.channel
    and s.address_key = any(public.plaudit_address_keys(coalesce(m.recipient, case m.channel when 'EMAIL' then c.email else c.phone end)))
  ) as unsubscribed,
  (select max(s.created_at) from suppression s where s.message_id = m.id and s.reason = 'UNSUBSCRIBED' and s.actor is null
    and (select count(*) from lifted_suppression d where d.account_id = s.account_id and d.address_key = s.address_key
      and d.lifted_by = '') < $2) as unsubscribed_here_at
from message m join invitation i on i.id = m.invitation_id join customer c on c.id = i.customer_id
join location l on l.id = m.location_id
where m.id = $1
