-- Stamps claimed messages that may be sent now; the returned ones are SENDING, and only those may be handed over
-- ($1 messages, $2 recipients, $3 worker, $4 lease in seconds, $5 states of sending invitations, $6 accounts, $7 their cycles,
-- $8 states from which a message is stamped, $9 time zones, $10 their local hours now: given, so that they are those of
-- the due times even where the database has other time zone data).
-- The window is that of `models/rules/sequence.py`: the recipient's zone counts if some hour is open in all of its possible ones.
-- In two steps, each of few tables: planning one join of all took ten times as long as running it.
with held as materialized (
  select m.id, s.recipient, m.account_id, m.location_id, m.lane_id, m.channel, c.time_zone, c.zone_spread, i.first_sent_at,
    i.reserved_cycle
  from unnest($1::uuid[], $2::text[]) as s (id, recipient) join message m on m.id = s.id
  join invitation i on i.id = m.invitation_id join customer c on c.id = i.customer_id
  where m.state = any($8::text[]) and m.worker = $3 and i.state = any($5::text[])
), open as materialized (
  select held.id, held.recipient
  from held join location l on l.id = held.location_id join lane la on la.id = held.lane_id
  join unnest($6::uuid[], $7::date[]) as a (id, cycle) on a.id = held.account_id
  cross join lateral (
    select case la.channel when 'EMAIL' then l.email_from_hour else l.sms_from_hour end as opens,
      case la.channel when 'EMAIL' then l.email_until_hour else l.sms_until_hour end as closes
  ) h cross join lateral (
    select coalesce(held.time_zone is not null and h.opens + held.zone_spread < h.closes, false) as is_theirs
  ) w join unnest($9::text[], $10::int[]) as z (name, hour)
    on z.name = case when w.is_theirs then held.time_zone else l.time_zone end
  where la.flag is null and (held.first_sent_at is not null or held.reserved_cycle = a.cycle)
    and (h.opens = 0 and h.closes = 24
      or z.hour >= h.opens + case when w.is_theirs then held.zone_spread else 0 end and z.hour < h.closes)
    and not exists (
      select 1 from suppression x where x.account_id = held.account_id and x.channel = held.channel
        and x.address_key = any(public.plaudit_address_keys(held.recipient)))
)
update message m set state = 'SENDING', lease_until = now() + make_interval(secs => $4), recipient = open.recipient
from open, invitation i
where m.id = open.id and m.state = any($8::text[]) and m.worker = $3 and i.id = m.invitation_id and i.state = any($5::text[])
returning m.id
