-- Returns the claims of lost workers to their lanes ($1 states of claims), and counts them.
with late as (
  select id from message where state in ('CLAIMED', 'SENDING') and state = any($1::text[]) and lease_until < now()
  for update skip locked
), back as (
  update message m set state = 'SCHEDULED', lease_until = null, worker = null, attempts = greatest(attempts - 1, 0)
  from late where m.id = late.id
  returning m.lane_id, m.due_at
), woken as (
  update lane set next_due = least(lane.next_due, b.due_at)
  from (select lane_id, min(due_at) as due_at from back group by lane_id) b where lane.id = b.lane_id
)
select count(*) as returned from back
