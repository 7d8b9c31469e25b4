-- Starts the answer window of invitations whose last step was sent ($1 invitations, $2 steps, $3 times).
-- Returns by lane when the next steps of the others are due: claims skip them until the previous step is sent.
with sent as (
  select * from unnest($1::uuid[], $2::int[], $3::timestamptz[]) as s (id, step, at)
), last as (
  update invitation i set answer_until = greatest(i.answer_until, sent.at + make_interval(days => l.answer_window_days))
  from sent, location l
  where i.id = sent.id and l.id = i.location_id
    and not exists (
      select 1 from message m where m.invitation_id = i.id and m.step > sent.step
        and m.state in ('SCHEDULED', 'CLAIMED', 'PAUSED', 'DEFERRED', 'SENDING'))
)
select m.lane_id, min(m.due_at) as due_at
from sent join message m on m.invitation_id = sent.id and m.step > sent.step and m.state in ('SCHEDULED', 'DEFERRED')
group by m.lane_id
