-- Stamps claimed messages that may be sent now; the returned ones are SENDING, and only those may be handed over
-- ($1 messages, $2 recipients, $3 worker, $4 lease in seconds, $5 states of sending invitations, $6 accounts, $7 their cycles,
-- $8 states from which a message is stamped, $9 time zones, $10 their local hours now: given, so that they are those of
-- the due times even where the database has other time zone data).
-- The window is that of `models/rules/sequence.py`: the recipient's zone counts if some hour is open in all of its possible ones.
update message m set state = 'SENDING', lease_until = now() + make_interval(secs => $4), recipient = s.recipient
from unnest($1::uuid[], $2::text[]) as s (id, recipient), invitation i, customer c, location l, lane la,
  unnest($6::uuid[], $7::date[]) as a (id, cycle), unnest($9::text[], $10::int[]) as z (name, hour),
  lateral (
    select case la.channel when 'EMAIL' then l.email_from_hour else l.sms_from_hour end as opens,
      case la.channel when 'EMAIL' then l.email_until_hour else l.sms_until_hour end as closes
  ) h, lateral (select coalesce(c.time_zone is not null and h.opens + c.zone_spread < h.closes, false) as is_theirs) w
where m.id = s.id and m.state = any($8::text[]) and m.worker = $3
  and i.id = m.invitation_id and i.state = any($5::text[]) and c.id = i.customer_id
  and l.id = m.location_id and la.id = m.lane_id and la.flag is null
  and a.id = m.account_id and (i.first_sent_at is not null or i.reserved_cycle = a.cycle)
  and z.name = case when w.is_theirs then c.time_zone else l.time_zone end
  and (h.opens = 0 and h.closes = 24
    or z.hour >= h.opens + case when w.is_theirs then c.zone_spread else 0 end and z.hour < h.closes)
  and not exists (select 1 from suppression x where x.account_id = m.account_id and x.channel = m.channel and x.address_key = public.plaudit_address_key(s.recipient))
returning m.id
