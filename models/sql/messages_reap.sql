-- Messages whose worker was lost: a claim goes back, what was stamped may have gone and is UNKNOWN.
with late as (
  select id from message where state in ('CLAIMED', 'SENDING') and lease_until < now() for update skip locked
), back as (
  update message m set state = case m.state when 'CLAIMED' then 'SCHEDULED' else 'UNKNOWN' end, lease_until = null, worker = null
  from late where m.id = late.id
  returning m.lane_id, m.due_at, m.state
), woken as (
  update lane set next_due = least(lane.next_due, b.due_at)
  from (select lane_id, min(due_at) as due_at from back where state = 'SCHEDULED' group by lane_id) b where lane.id = b.lane_id
)
select count(*) filter (where state = 'SCHEDULED') as returned, count(*) filter (where state = 'UNKNOWN') as unknown from back
