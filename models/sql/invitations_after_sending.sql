-- Updates invitations after a step was sent ($1 invitations, $2 steps, $3 times, $4 delays, $5 delay above which later steps shift):
-- later steps shift by a long delay; if there are none, the answer window begins.
-- Returns by lane when the next steps are due: claims skip them until the previous step is sent.
with sent as (
  select * from unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::interval[]) as s (id, step, at, late)
), shifted as (
  update message m set due_at = m.due_at + sent.late from sent
  where m.invitation_id = sent.id and m.step > sent.step and m.state in ('SCHEDULED', 'CLAIMED', 'DEFERRED') and sent.late > $5
), last as (
  update invitation i set answer_until = greatest(i.answer_until, sent.at + make_interval(days => l.answer_window_days))
  from sent, location l
  where i.id = sent.id and l.id = i.location_id
    and not exists (
      select 1 from message m where m.invitation_id = i.id and m.step > sent.step
        and m.state in ('SCHEDULED', 'CLAIMED', 'PAUSED', 'DEFERRED', 'SENDING'))
)
select m.lane_id, min(case when sent.late > $5 then m.due_at + sent.late else m.due_at end) as due_at
from sent join message m on m.invitation_id = sent.id and m.step > sent.step and m.state in ('SCHEDULED', 'DEFERRED')
group by m.lane_id
