-- Stamps claimed messages that may be sent now; the returned ones are SENDING, and only those may be handed over
-- ($1 messages, $2 recipients, $3 worker, $4 now, $5 lease in seconds, $6 states of sending invitations, $7 accounts, $8 their cycles,
-- $9 states from which a message is stamped).
update message m set state = 'SENDING', lease_until = now() + make_interval(secs => $5), recipient = s.recipient
from unnest($1::uuid[], $2::text[]) as s (id, recipient), invitation i, location l, lane la,
  unnest($7::uuid[], $8::date[]) as a (id, cycle)
where m.id = s.id and m.state = any($9::text[]) and m.worker = $3
  and i.id = m.invitation_id and i.state = any($6::text[])
  and l.id = m.location_id and la.id = m.lane_id and la.flag is null
  and a.id = m.account_id and (i.first_sent_at is not null or i.reserved_cycle = a.cycle)
  and extract(hour from $4::timestamptz at time zone l.time_zone)
    >= case m.channel when 'EMAIL' then l.email_from_hour else l.sms_from_hour end
  and extract(hour from $4::timestamptz at time zone l.time_zone)
    < case m.channel when 'EMAIL' then l.email_until_hour else l.sms_until_hour end
  and not exists (select 1 from suppression x where x.account_id = m.account_id and x.channel = m.channel and x.address_key = public.plaudit_address_key(s.recipient))
returning m.id
