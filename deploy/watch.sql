-- Monitoring queries for operators: psql -f watch.sql plaudit

-- Which workers are running? A worker is removed when it stops cleanly, or an hour after it crashes.
select worker, started_at, now() - seen_at as last_seen from worker_heartbeat;

-- How late is sending? Seconds are normal; minutes mean that no worker is running or that the relay accepts no mail.
select m.state, count(*) as messages, now() - min(m.due_at) as oldest
from message m join lane l on l.id = m.lane_id
where m.state in ('SCHEDULED', 'CLAIMED', 'SENDING', 'DEFERRED') and m.due_at <= now() and l.held_by is null
group by m.state;

-- Which invitations are held by themselves, and why? The lanes below hold others.
select a.key as account, l.key as location, i.state_reason as reason, count(*) as invitations
from invitation i join account a on a.id = i.account_id join location l on l.id = i.location_id
where i.state = 'HELD'
group by a.key, l.key, i.state_reason;

-- Which lanes are held, and why? The relay's reply, if they wait for the relay.
select a.key as account, l.key as location, la.channel, la.held_by as reason, la.held_since, left(la.reply, 60) as reply
from lane la join account a on a.id = la.account_id join location l on l.id = la.location_id
where la.held_by is not null;

-- Which senders does the relay refuse?
select a.key as account, l.key as location, l.sender_email, la.refusals
from lane la join account a on a.id = la.account_id join location l on l.id = la.location_id
where la.refusals > 0;

-- What failed in the last day, and what did the relay reply?
select state, left(reply, 60) as reply, count(*) as messages
from message
where state in ('FAILED', 'BOUNCED', 'UNKNOWN') and due_at > now() - interval '1 day'
group by state, left(reply, 60) order by count(*) desc limit 20;

-- Which imports are unfinished, or failed in the last day?
select a.key as account, b.name, b.state, b.judged_rows, b.total_rows, now() - b.created_at as age, b.error
from bulk_import b join account a on a.id = b.account_id
where b.state in ('QUEUED', 'RUNNING') or b.state = 'FAILED' and b.finished_at > now() - interval '1 day';

-- Which tables use the most space?
select relname as name, pg_size_pretty(pg_total_relation_size(oid)) as size
from pg_class
where relkind = 'r' and relnamespace in ('public'::regnamespace, 'jobs'::regnamespace)
order by pg_total_relation_size(oid) desc limit 10;
