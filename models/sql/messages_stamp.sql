-- Stamps claimed messages that may be sent now; the returned ones are SENDING, and only those may be handed over
-- ($1 messages, $2 their recipients, $3 and their accounts' cycles, $4 worker, $5 lease in seconds, $6 states of sending invitations,
-- $7 states from which a message is stamped, $8 time zones, $9 their local hours now: given, so that they are those of the due times
-- even where the database has other time zone data).
-- The window is that of `models/rules/sequence.py`: the recipient's zone counts if some hour is open in all of its possible ones.
update message m set state = 'SENDING', lease_until = now() + make_interval(secs => $5), recipient = s.recipient
from unnest($1::uuid[], $2::text[], $3::date[]) as s (id, recipient, cycle), invitation i, customer c, location l, lane la,
  lateral (
    select case la.channel when 'EMAIL' then l.email_from_hour else l.sms_from_hour end as opens,
      case la.channel when 'EMAIL' then l.email_until_hour else l.sms_until_hour end as closes
  ) h,
  lateral (select coalesce(c.time_zone is not null and h.opens + c.zone_spread < h.closes, false) as is_theirs) w,
  lateral (select ($9::int[])[array_position($8::text[], case when w.is_theirs then c.time_zone else l.time_zone end)] as hour) z
where m.id = s.id and m.state = any($7::text[]) and m.worker = $4
  and i.id = m.invitation_id and i.state = any($6::text[]) and c.id = i.customer_id
  and l.id = m.location_id and la.id = m.lane_id and la.flag is null
  and (i.first_sent_at is not null or i.reserved_cycle = s.cycle)
  and (h.opens = 0 and h.closes = 24
    or z.hour >= h.opens + case when w.is_theirs then c.zone_spread else 0 end and z.hour < h.closes)
  and not exists (select 1 from suppression x where x.account_id = m.account_id and x.channel = m.channel and x.address_key = public.plaudit_address_key(s.recipient))
returning m.id
