-- Claims due messages for a worker ($1 at most this many lanes, $2 and messages, $3 worker, $4 now, $5 lease in seconds,
-- $6 states from which a message is claimed: those in the text, which must be literal for the partial index).
-- Accounts take turns, and so do the lanes of each, so that one's backlog does not delay others; lanes not served for a day are left
-- to `lanes_overdue`.
-- A step is claimed only after the earlier steps of its invitation are finished.
-- What changes about a lane meanwhile is checked again by the stamp.
with w as (
  -- Not all lanes: ranking a thousand took longer than claiming from twenty.
  select id, row_number() over (partition by account_id order by next_due, id) as turn
  from (
    select id, account_id, next_due from lane
    where next_due <= $4 and next_due > $4::timestamptz - interval '24 hours' and flag is null
    order by next_due limit 10 * $1
  ) due
), p as (
  select lane.id, rate, least(burst, tokens + rate * extract(epoch from $4::timestamptz - refilled_at)) as tk
  from lane join w on w.id = lane.id
  order by w.turn, next_due limit $1 for update of lane skip locked
), l as (
  select *, least(floor(greatest(tk, 0)), ceil($2::float8 / (select count(*) from p)))::int as n from p
), c as (
  select m.id, l.id as lane_id from l, lateral (
    select id from message m where m.lane_id = l.id and m.state in ('SCHEDULED', 'DEFERRED') and m.due_at <= $4
      and not exists (select 1 from message e where e.invitation_id = m.invitation_id and e.step < m.step
        and e.state in ('SCHEDULED', 'CLAIMED', 'DEFERRED', 'PAUSED', 'SENDING'))
    order by m.due_at limit l.n for update skip locked
  ) m
), k as (
  select l.*, (select count(*) from c where c.lane_id = l.id) as got from l
), g as (
  update lane set tokens = k.tk - k.got, refilled_at = $4, quiet_since = case when refusals > 0 then quiet_since end,
    reply = case when refusals > 0 then reply end, next_due = case when k.got < k.n
    then (select min(due_at) from message x where x.lane_id = lane.id and x.state in ('SCHEDULED', 'DEFERRED') and x.due_at > $4)
    else $4::timestamptz + make_interval(secs => greatest(0, (1 - (k.tk - k.got)) / k.rate)) end
  from k where lane.id = k.id
), u as (
  -- Keys in an array: with a join the planner would read every due message.
  update message set state = 'CLAIMED', lease_until = now() + make_interval(secs => $5), worker = $3, attempts = attempts + 1
  where id = any (array(select id from c)) and state = any($6::text[])
  returning id, account_id, location_id, invitation_id, template_id, step, channel, attempts, due_at
)
select u.*, c.email, c.phone, c.first_name, c.last_name, i.employee, i.service,
  a.time_zone as account_zone, a.anchor_day, a.open_tracking, l.time_zone as location_zone, c.time_zone as customer_zone,
  l.name as location_name, l.postal_address, l.sender_name, l.sender_email, l.reply_to, l.color, l.logo,
  t.language, t.subject, t.preheader, t.text, t.html
from u join invitation i on i.id = u.invitation_id join customer c on c.id = i.customer_id
join location l on l.id = u.location_id join account a on a.id = u.account_id join template t on t.id = u.template_id
