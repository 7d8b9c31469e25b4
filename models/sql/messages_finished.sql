-- Which invitations have nothing left to send, and sent nothing ($1 invitations, $2 unfinished states, $3 states of messages that were
-- or may have been sent)? For those that sent something, sets the answer window, which begins with the last message; an UNKNOWN
-- one counts from when it was due.
with spent as (
  select i.id, l.answer_window_days as days,
    (select max(coalesce(m.sent_at, m.due_at)) from message m where m.invitation_id = i.id and m.state = any($3::text[])) as gone_at
  from invitation i join location l on l.id = i.location_id
  where i.id = any($1::uuid[])
    and not exists (select 1 from message m where m.invitation_id = i.id and m.state = any($2::text[]))
), asked as (
  update invitation i set answer_until = spent.gone_at + make_interval(days => spent.days) from spent
  where i.id = spent.id and spent.gone_at is not null and i.answer_until is null
)
select id from spent where gone_at is null
