-- Stores outcomes ($1 messages, $2 states, $3 times, $4 due times of retries, $5 replies, $6 whether it counts as an attempt:
-- not if the message was not handed over).
update message m set
  state = o.state, lease_until = null, worker = null, reply = coalesce(o.reply, m.reply),
  sent_at = case when o.state = 'SENT' then o.at else m.sent_at end,
  attempts = case when o.tried then m.attempts else greatest(m.attempts - 1, 0) end,
  due_at = coalesce(o.due_at, m.due_at),
  remaining = case when o.state = 'PAUSED' then greatest(o.due_at - o.at, interval '0') end,
  deferred_since = case when o.state in ('DEFERRED', 'PAUSED') and o.due_at > o.at then coalesce(m.deferred_since, o.at) else m.deferred_since end
from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::boolean[])
  as o (id, state, at, due_at, reply, tried)
where m.id = o.id
